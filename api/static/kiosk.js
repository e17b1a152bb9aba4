// The seconds that a screen stays are counted down; that it ends is the page's own doing.
"use strict";
const notice = document.getElementById("left");
if (notice) {
  const left = notice.querySelector("[data-left]");
  const end = performance.now() + Number(notice.dataset.seconds) * 1000;
  const count = () => {
    const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    left.textContent = String(seconds);
    notice.classList.toggle("warning", seconds <= 15);
    if (seconds === 0) {
      clearInterval(counting);
      location.replace("/kiosk/over");
    }
  };
  const counting = setInterval(count, 500);
}

const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

// A page that the browser kept for "back" is of somebody who may have left.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.replace("/kiosk/over");
});
