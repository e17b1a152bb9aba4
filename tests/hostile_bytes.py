"""Bytes as an attacker or a bad line leaves them: what every reader's property test begins with."""

from hypothesis import strategies as st


@st.composite
def changed_bytes(draw: st.DrawFn, source: st.SearchStrategy[bytes]) -> bytes:
    """Bytes with some flipped, cut out, doubled, put in, or the rest cut off."""
    data = bytearray(draw(source))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        length = draw(st.integers(0, 64))
        how = draw(st.sampled_from(["bits", "cut", "double", "insert", "truncate"]))
        if how == "bits" and data:
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif how == "cut":
            del data[at : at + length]
        elif how == "double":
            data[at:at] = data[at : at + length]
        elif how == "insert":
            data[at:at] = draw(st.binary(max_size=32))
        else:
            del data[at:]
    return bytes(data)
