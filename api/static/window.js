// A scanner types like a keyboard and ends with Enter: the field is ready again after every page,
// and what was found is read out first.
"use strict";
const code = document.getElementById("code");
const file = document.getElementById("file");
const form = document.getElementById("scan");

// A file that was chosen is sent at once, if the form says what it is for.
file.addEventListener("change", () => {
  if (file.files.length && form.reportValidity()) form.requestSubmit();
});

// Two Enters of a hasty scanner are one request.
form.addEventListener("submit", () => {
  const button = form.querySelector("button[type=submit]");
  setTimeout(() => { button.disabled = true; }, 0);
});

// Whatever is typed while nothing is focused was scanned: it belongs into the field.
document.addEventListener("keydown", (event) => {
  const free = document.activeElement === document.body || document.activeElement.id === "found";
  if (free && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
    code.focus();
  }
});
