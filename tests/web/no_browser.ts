// What modules of the page touch of a browser when they are loaded: nothing happens there, and a frame is drawn at once.
const listens = { addEventListener: () => undefined };

Object.assign(globalThis, {
  ...listens,
  document: { ...listens, hidden: false, documentElement: { dataset: {} } },
  location: { pathname: "/", search: "", href: "http://localhost/" },
  requestAnimationFrame: (draw: () => void) => draw(),
});
if (!("navigator" in globalThis)) Object.assign(globalThis, { navigator: { language: "en", onLine: true } });

export {};
