// Server-sent events out of a stream of text (https://html.spec.whatwg.org/multipage/server-sent-events.html).

export interface ServerEvent {
  type: string; // "message" where none was named
  data: string;
  id: string | undefined;
}

/** Takes text as it comes, in whatever pieces, and gives back the events that are whole. */
export class EventParser {
  private pending = "";
  private type = "";
  private data: string[] = [];
  private id: string | undefined;

  feed(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    this.pending += text;
    // A CR at the very end may be half of an end of line.
    const lines = this.pending.split(/\r\n|\n|\r(?!$)/);
    this.pending = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        this.end(events);
      } else {
        this.take(line);
      }
    }
    return events;
  }

  private take(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.type = value;
    if (name === "data") this.data.push(value);
    if (name === "id" && !value.includes("\0")) this.id = value;
  }

  private end(events: ServerEvent[]): void {
    // An id without data moves the place, and is told as an event without a type's meaning.
    if (this.data.length > 0 || this.id !== undefined) {
      events.push({ type: this.type || "message", data: this.data.join("\n"), id: this.id });
    }
    this.type = "";
    this.data = [];
    this.id = undefined;
  }
}
