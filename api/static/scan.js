// Reads a QR code by the camera, or off a photograph, and tells the page what it says by an event.
// No picture leaves this device. The reader (jsQR) is loaded when somebody wants to scan.
"use strict";
(function () {
  var READER = "/static/vendor/jsqr-1.4.0/jsQR.js", LONGEST = 1600, EVERY_MS = 150;
  var button = document.getElementById("scan"), box = document.getElementById("camera");
  if (!button) return;
  var video = box.querySelector("video"), said = box.querySelector("[role=status]");
  var sheet = document.createElement("canvas"), stream = null, timer = 0;

  function withReader(then) {
    if (window.jsQR) return then();
    var script = document.createElement("script");
    script.src = READER;
    script.onload = then;
    script.onerror = function () { say("trouble"); };
    document.head.appendChild(script);
  }

  function say(what) {
    said.textContent = what ? said.getAttribute("data-" + what) : "";
  }

  // Returns what the code in a picture says, or nothing.
  function read(picture, width, height) {
    var scale = Math.min(1, LONGEST / Math.max(width, height));
    sheet.width = Math.max(1, Math.round(width * scale));
    sheet.height = Math.max(1, Math.round(height * scale));
    var pen = sheet.getContext("2d", { willReadFrequently: true });
    pen.drawImage(picture, 0, 0, sheet.width, sheet.height);
    var pixels = pen.getImageData(0, 0, sheet.width, sheet.height);
    var found = jsQR(pixels.data, sheet.width, sheet.height);
    return found && found.data ? found.data : null;
  }

  function stop() {
    clearTimeout(timer);
    if (stream) stream.getTracks().forEach(function (track) { track.stop(); });
    stream = null;
    video.srcObject = null;
    video.hidden = true;
  }

  function tell(text) {
    stop();
    box.hidden = true;
    document.dispatchEvent(new CustomEvent("scanned", { detail: text }));
  }

  function look() {
    if (!stream) return;
    var text = video.videoWidth ? read(video, video.videoWidth, video.videoHeight) : null;
    if (text) return tell(text);
    timer = setTimeout(look, EVERY_MS);
  }

  function start() {
    box.hidden = false;
    say("looking");
    video.hidden = true;
    withReader(function () {
      if (!navigator.mediaDevices) return say("trouble");
      navigator.mediaDevices
        .getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } })
        .then(function (found) {
          stream = found;
          video.srcObject = found;
          video.hidden = false;
          return video.play().then(look);
        })
        .catch(function () { say("trouble"); });
    });
  }

  button.hidden = false;
  button.addEventListener("click", start);
  document.getElementById("stop").addEventListener("click", function () {
    stop();
    box.hidden = true;
    button.focus();
  });
  document.getElementById("photo").addEventListener("change", function (event) {
    var file = event.target.files[0];
    if (!file) return;
    withReader(function () {
      createImageBitmap(file)
        .then(function (picture) {
          var text = read(picture, picture.width, picture.height);
          if (text) tell(text); else tell("");
        })
        .catch(function () { tell(""); });
    });
  });
})();
