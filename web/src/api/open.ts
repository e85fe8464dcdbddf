// What is open of an account, and what falls due (docs/api.md, "Open", "Due").

export interface Money {
  currency_code: string;
  minor: number | string;
}

export interface OpenThing {
  kind: string;
  id?: string;
  since: string;
  due?: string;
  overdue?: boolean;
  amount?: Money;
  weighted?: Money;
  type?: string;
  severity?: string;
  department?: string;
  stage?: string;
  title?: string;
  probability?: number; // percent
  acknowledged?: boolean;
  terminated?: boolean;
}

export interface OpenList {
  as_of: string;
  open: OpenThing[];
}

export interface DueThing extends OpenThing {
  account_id: string;
  name?: string;
  due: string;
}

export interface DuePage {
  from: string;
  to: string;
  due: DueThing[];
  next_cursor?: string;
}
