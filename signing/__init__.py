"""What seals documents and reads sealed ones: formats only, never a judgement.

Writing: ``sealing`` puts a seal into a PDF, ``timestamps.local`` and ``timestamps.http`` bring the
time-stamp token, ``status_list`` and ``trust_bundle`` are the two signed or packed lists that
partners carry. Reading: ``pdf.reader``, ``cms``, ``timestamps``. Whether what was read is to be
believed is decided in ``verification``.
"""
