"""What a person does at a kiosk: /kiosk."""
