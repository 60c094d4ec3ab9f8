// A real identity provider on a free port of this machine. Standard input: {client_id, client_secret, redirect_uris,
// post_logout_redirect_uris} in one line, then lines of {login: [groups]} from now on; standard output: its issuer, then a line
// for every line. It ends with its standard input.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import * as oidc from "oidc-provider";

// What the library has to say goes elsewhere than the answers.
console.info = console.warn = console.error;

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const client = JSON.parse((await lines.next()).value);
const groups = {};
let answer;

const server = createServer((request, response) => answer(request, response));
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new oidc.Provider(issuer, {
    clients: [{ grant_types: ["authorization_code"], response_types: ["code"], ...client }],
    claims: { openid: ["sub"], profile: ["name", "preferred_username", "groups"], email: ["email"] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    cookies: { keys: ["cookies of the tests"] },
    findAccount: (_context, login) => ({
      accountId: login,
      claims: () => ({
        sub: login,
        name: `姓名${login}`,
        preferred_username: login,
        email: `${login}@example.test`,
        groups: groups[login],
      }),
    }),
  });
  answer = provider.callback();
  console.log(issuer);
});
for await (const line of lines) {
  Object.assign(groups, JSON.parse(line));
  console.log("ok");
}
process.exit(0);
