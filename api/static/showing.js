// Counts the seconds of a code down, and loads the page anew when it was scanned or is over.
"use strict";
(function () {
  const left = document.getElementById("left");
  const seconds = document.getElementById("seconds");
  if (!left || !seconds) return;
  const ends = Date.now() + Number(left.dataset.seconds) * 1000;

  function count() {
    seconds.textContent = String(Math.max(0, Math.ceil((ends - Date.now()) / 1000)));
  }

  async function ask() {
    try {
      const answer = await fetch(left.dataset.state, { headers: { Accept: "application/json" } });
      if (!answer.ok || (await answer.json()).state !== "waiting") location.reload();
    } catch {
      // No network for a moment: the code still counts, and we ask again.
    }
  }

  setInterval(count, 500);
  setInterval(ask, 3000);
})();
