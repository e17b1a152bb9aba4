"""The command license-vault: one function a command."""
