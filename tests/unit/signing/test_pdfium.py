"""PDFium is asked by one thread at a time: without that a web worker that issues crashes."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
MANY_THREADS = """
import sys, threading
sys.path[:0] = ["tests"]
from documents import drawn_pdf
from signing.pdf.rendering import pdf_page_png
from signing.pdf.text import TextBox, read_text

pdf = drawn_pdf(pages=3)
boxes = [TextBox(page, 0, 0, 210, 297) for page in (1, 2, 3)]
wanted = read_text(pdf, boxes), pdf_page_png(pdf, 2, 2)
same = []

def ask():
    for _ in range(60):
        same.append((read_text(pdf, boxes), pdf_page_png(pdf, 2, 2)) == wanted)

threads = [threading.Thread(target=ask) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit(0 if len(same) == 480 and all(same) else 3)
"""


def test_many_threads_that_read_and_draw_do_not_disturb_each_other() -> None:
    # In a process of its own: what it guards against is a crash, not an exception.
    done = subprocess.run(
        [sys.executable, "-c", MANY_THREADS], cwd=ROOT, capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
