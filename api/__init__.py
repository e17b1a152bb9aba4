"""The outside of License Vault: settings, wiring, HTTP and the command line.

The only package that reads the environment, names adapters and imports fastapi.
It decides nothing about licenses, seals or verdicts: it parses what comes in,
calls one thing below, and shapes the answer.
"""
