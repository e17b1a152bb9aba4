// The seconds that a screen stays untouched are counted down, and begin anew with every touch.
"use strict";
const notice = document.getElementById("left");
if (notice) {
  const left = notice.querySelector("[data-left]");
  const allowed = Number(notice.dataset.seconds) * 1000;
  let end = performance.now() + allowed;
  const count = () => {
    const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    left.textContent = String(seconds);
    notice.classList.toggle("warning", seconds <= 20);
    if (seconds === 0) {
      clearInterval(counting);
      location.replace("/kiosk/over");
    }
  };
  const counting = setInterval(count, 500);
  for (const touch of ["pointerdown", "keydown", "wheel"]) {
    document.addEventListener(touch, () => { end = performance.now() + allowed; }, { passive: true });
  }
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
