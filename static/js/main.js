import "./elements/menus.js";
import "./elements/theme-toggle.js";
import "./elements/share-link.js";
