// <a data-share href="…">: offers the device's own sharing, else copies the address. Without us it is a plain link.
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("[data-share]");
  if (!link) return;
  const url = link.href || location.href;
  if (navigator.share) {
    event.preventDefault();
    await navigator.share({ url, title: document.title }).catch(() => {});
  } else if (navigator.clipboard) {
    event.preventDefault();
    await navigator.clipboard.writeText(url);
    if (link.dataset.done) link.textContent = link.dataset.done;
  }
});
