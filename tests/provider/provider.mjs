// A real identity provider on a free port of this machine. Standard input: {client_id, client_secret, redirect_uris,
// post_logout_redirect_uris}; standard output: its issuer in one line. Whoever signs in as `sub|group,group` is `sub`, called
// so too, and in those groups. It ends with its standard input.
import { createServer } from "node:http";
import * as oidc from "oidc-provider";

const lines = process.stdin[Symbol.asyncIterator]();
const client = JSON.parse((await lines.next()).value.toString());
process.stdin.on("end", () => process.exit(0)).resume();

const server = createServer((request, response) => answer(request, response));
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new oidc.Provider(issuer, {
    clients: [{ grant_types: ["authorization_code"], response_types: ["code"], ...client }],
    claims: { openid: ["sub"], profile: ["name", "preferred_username", "groups"], email: ["email"] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    cookies: { keys: ["cookies of the tests"] },
    findAccount: (_context, id) => {
      const [sub, groups = ""] = id.split("|");
      return {
        accountId: id,
        claims: () => ({
          sub,
          name: `姓名${sub}`,
          preferred_username: sub,
          email: `${sub}@example.test`,
          groups: groups.split(",").filter(Boolean),
        }),
      };
    },
  });
  answer = provider.callback();
  console.log(issuer);
});
let answer;
