"""The face of a license (证照照面): laid out once, drawn as PDF and as OFD."""
