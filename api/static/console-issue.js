// Draws the preview again while the form of a license or of an order is typed; without it the button
// does. The form has a button called action, so the address is asked of the attribute.
"use strict";
(function () {
  var form = document.getElementById("issue") || document.getElementById("order");
  var place = document.getElementById("preview");
  if (!form || !place || !window.fetch) return;
  var waiting = null, asked = 0;

  function draw() {
    var mine = ++asked;
    var told = new URLSearchParams(new FormData(form));
    told.set("action", "preview");
    place.setAttribute("aria-busy", "true");
    fetch(form.getAttribute("action"), { method: "POST", body: told, headers: { Accept: "text/html" } })
      .then(function (answer) { return answer.ok ? answer.text() : null; })
      .then(function (text) {
        if (mine !== asked || text === null) return;
        var page = new DOMParser().parseFromString(text, "text/html");
        var drawn = page.getElementById("preview");
        if (drawn) place.replaceChildren.apply(place, Array.from(drawn.childNodes));
      })
      .catch(function () {})
      .finally(function () { if (mine === asked) place.removeAttribute("aria-busy"); });
  }

  form.addEventListener("input", function () {
    clearTimeout(waiting);
    waiting = setTimeout(draw, 700);
  });
})();
