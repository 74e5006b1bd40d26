// <theme-toggle>: light or dark by hand, kept in this browser only. Choosing what the system prefers forgets the choice.
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const current = () => root.dataset.theme ?? (system.matches ? "dark" : "light");

class ThemeToggle extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.button?.addEventListener("click", () => this.toggle());
    system.addEventListener("change", () => this.show());
    this.show();
  }

  toggle() {
    const next = current() === "dark" ? "light" : "dark";
    const isSystems = next === (system.matches ? "dark" : "light");
    if (isSystems) delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      if (isSystems) localStorage.removeItem("theme");
      else localStorage.setItem("theme", next);
    } catch {
      // Not kept; the page still changes.
    }
    this.show();
  }

  show() {
    this.dataset.theme = current();
    this.button?.setAttribute("aria-pressed", String(current() === "dark"));
  }
}

customElements.define("theme-toggle", ThemeToggle);
