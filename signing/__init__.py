"""What seals documents and reads sealed ones: formats only, never a judgement.

Writing: ``sealing`` puts a seal into a PDF, ``timestamp_local`` and ``timestamp_http`` bring the
time-stamp token, ``status_list`` and ``trust_bundle`` are the two signed or packed lists that
partners carry. Reading: ``pdf_reader``, ``cms``, ``timestamp``. Whether what was read is to be
believed is decided in ``verification``.
"""
