// Who may ask the gateway for what, for administrators (docs/api.md, "Tokens").

export interface Token {
  id: string;
  name: string;
  roles: string[];
  groups: string[];
  created: string;
  expires?: string;
  revoked?: string;
  in_force: boolean;
}

export interface TokenList {
  tokens: Token[];
}

export interface NewToken {
  name: string;
  roles: string[];
  groups: string[];
  days: number; // 0: for ever
}

export interface MadeToken {
  secret: string; // told this once
  token: Token;
}
