// <live-part id="…" every="2">: replaces itself by its present state every so many seconds, until that has no `every`.
// Without us the page has a link that reloads it.
class LivePart extends HTMLElement {
  connectedCallback() {
    this.schedule();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  schedule() {
    const seconds = Number(this.getAttribute("every"));
    if (seconds > 0) this.timer = setTimeout(() => this.refresh(), seconds * 1000);
  }

  async refresh() {
    if (!document.hidden) await this.replace().catch(() => {});
    this.schedule();
  }

  async replace() {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(this.id);
    if (!fresh) return;
    // A status that says the same is left in place, or it would be read out each time.
    const status = this.querySelector("[role=status]");
    const next = fresh.querySelector("[role=status]");
    const same = status && next && status.textContent.trim() === next.textContent.trim();
    if (fresh.hasAttribute("every")) this.setAttribute("every", fresh.getAttribute("every"));
    else this.removeAttribute("every");
    if (same) {
      next.replaceWith(status);
    }
    const focused = this.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    this.replaceChildren(...fresh.childNodes);
    if (focused !== null) this.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }
}

customElements.define("live-part", LivePart);
