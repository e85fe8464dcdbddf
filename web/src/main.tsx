// Where the page begins.
import { createRoot } from "react-dom/client";
import { App } from "./shell/app";

createRoot(document.getElementById("page")!).render(<App />);
