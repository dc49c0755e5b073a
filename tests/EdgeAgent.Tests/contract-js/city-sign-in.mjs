// A real OpenID provider (npm oidc-provider) on loopback. First line of input: the centre's callback. Users are JSON in the arguments.
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import Provider from 'oidc-provider'

const users = JSON.parse(process.argv[2])
const [callback] = await new Promise((resolve) => createInterface({ input: process.stdin }).once('line', (line) => resolve(line.split(' '))))
const server = createServer()
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const issuer = `http://127.0.0.1:${server.address().port}`
const provider = new Provider(issuer, {
  clients: [{ client_id: 'centre', client_secret: 'a secret of the bench', redirect_uris: [callback], grant_types: ['authorization_code'], response_types: ['code'] }],
  claims: { openid: ['sub'], profile: ['preferred_username', 'groups', 'district'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['bench'] },
  pkce: { required: () => true },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...users[sub] }) }),
})
server.on('request', provider.callback())
console.log(issuer)
