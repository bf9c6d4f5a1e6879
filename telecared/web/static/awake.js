// A hand at the desk puts off the idle lock: at most once a minute the console is told of it.
// What a page does by itself tells nothing, so that a desk that somebody has left locks.
(() => {
  "use strict";
  const EVERY = 60_000;
  let told = Date.now();
  const tell = () => {
    const proof = document.querySelector('input[name="csrf"]');
    if (!proof || Date.now() - told < EVERY) return;
    told = Date.now();
    fetch("/awake", {
      method: "POST", redirect: "manual", headers: { "x-csrf": proof.value },
    }).catch(() => {});
  };
  for (const what of ["keydown", "pointerdown", "pointermove", "wheel"]) {
    addEventListener(what, tell, { passive: true });
  }
})();
