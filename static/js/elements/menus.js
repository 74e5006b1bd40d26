// <details data-menu>: closes on Escape, on a press outside and when focus leaves. Opens and closes without us.
const opened = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of opened()) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

document.addEventListener("pointerdown", (event) => {
  for (const menu of opened()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("focusin", (event) => {
  for (const menu of opened()) if (!menu.contains(event.target)) menu.open = false;
});

// A link to something inside a closed menu opens it; newer browsers do so by themselves.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="#"]');
  const wanted = link && document.getElementById(link.hash.slice(1));
  const menu = wanted?.closest("details[data-menu]");
  if (!menu) return;
  menu.open = true;
  wanted.focus({ preventScroll: true });
  menu.scrollIntoView({ block: "nearest" });
});
