// Shows how far a batch is as the node tells it; when it is over, the page is loaded anew.
"use strict";
const progress = document.querySelector("#progress[data-events]");
if (progress) {
  const source = new EventSource(progress.dataset.events);
  source.addEventListener("progress", (event) => { progress.innerHTML = event.data; });
  source.addEventListener("end", () => { source.close(); location.reload(); });
}
