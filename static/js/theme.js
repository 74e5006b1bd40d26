// Runs before the first paint, so that a chosen theme does not flash. A classic script for that reason.
(() => {
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage may be forbidden; the system's preference serves.
  }
})();
