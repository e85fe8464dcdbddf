// Which questions come first: what one sees first is asked first, and the gateway is not kept busy with the rest until
// that is answered.

/** 0: the numbers of the first screen; 1: what needs attention; 2: the past, choices, what is not in sight yet. */
export type Rank = 0 | 1 | 2;

const WAIT_MS_MAX = 3_000; // an answer that does not come holds up nothing for longer

export class Turns {
  private readonly open = [0, 0, 0];
  private readonly waiting = new Set<() => void>();

  /** Runs `ask` once none of a lower rank is under way. */
  async take<T>(rank: Rank, ask: () => Promise<T>): Promise<T> {
    this.open[rank]! += 1; // those of a higher rank wait for this one, too, while it waits
    try {
      await this.until(rank);
      return await ask();
    } finally {
      this.open[rank]! -= 1;
      for (const look of [...this.waiting]) look();
    }
  }

  private isFree(rank: Rank): boolean {
    return this.open.slice(0, rank).every((count) => count === 0);
  }

  private async until(rank: Rank): Promise<void> {
    if (rank === 0) return;
    await Promise.resolve(); // those of a lower rank may be asked in the same moment
    if (this.isFree(rank)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve();
      };
      const look = () => {
        if (this.isFree(rank)) done();
      };
      const timer = setTimeout(done, WAIT_MS_MAX);
      this.waiting.add(look);
    });
  }
}

export const turns = new Turns();
