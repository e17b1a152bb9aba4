// Fills identifier and check code from the QR code's address: /verify#IDENTIFIER.CHECKCODE
// The part after # is never sent to a server by itself; it leaves this page only by the form.
"use strict";
(function () {
  var answer = document.getElementById("answer");
  if (answer) answer.focus();
  var text = decodeURIComponent(location.hash.slice(1).replace(/%(?![0-9A-Fa-f]{2})/g, "%25"));
  var at = text.lastIndexOf(".");
  if (at < 1) return;
  document.getElementById("identifier").value = text.slice(0, at);
  document.getElementById("check_code").value = text.slice(at + 1);
  history.replaceState(null, "", location.pathname);
  document.querySelector("#by-code button").focus();
})();
