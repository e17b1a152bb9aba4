"""The pages people use: Verify, /my, /window, /kiosk, /console, start page, problems, API docs.

Rendered on the server and complete without scripts; Chinese first, English complete. A page does
nothing of its own: what it shows and does it asks of the JSON API of the same application, as the
person who is logged in (``inner_api``), so that every rule stands in one place.
"""
