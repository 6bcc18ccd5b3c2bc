// A real OpenID provider (npm's oidc-provider) on loopback that is told what to do: node provider.mjs FOLDER KIND REDIRECT
//
// KIND is "google", one issuer, or "microsoft", one issuer for each tenant behind one set of addresses. POST /control
// sets the state below. What the real provider would never say is put into its ID token afterwards ("forge").
import http from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, kind, redirect] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(join(folder, "node_modules", name)).href);
const { default: Provider, interactionPolicy } = await load("oidc-provider/lib/index.js");
const jose = await load("jose/dist/webapi/index.js");

const UNTOUCHED = { claims: {}, fail: {}, forge: null, publishes_next_key: false, tenant: "", asked: [] };
let state = structuredClone(UNTOUCHED);

const ROUTES = { authorization: "/authorize", token: "/token", jwks: "/keys" };
const DISCOVERY = "/.well-known/openid-configuration";
const ALL_TENANTS = "/organizations/v2.0";
const SCOPES = "openid email profile";

async function makeKey(kid) {
	const pair = await jose.generateKeyPair("RS256", { extractable: true });
	const jwk = await jose.exportJWK(pair.privateKey);
	const { n, e, kty } = jwk;
	return { kid, secret: pair.privateKey, jwk: { ...jwk, kid, use: "sig", alg: "RS256" }, open: { n, e, kty, kid, use: "sig" } };
}
const keys = { own: await makeKey("own"), next: await makeKey("next"), foreign: await makeKey("own"), hidden: await makeKey("hidden") };

function policy() {
	const made = interactionPolicy.base();
	made.add(new interactionPolicy.Prompt({ name: "select_account", requestable: true }), 0);
	return made;
}

function makeProvider(issuer) {
	return new Provider(issuer, {
		clients: [
			{
				client_id: "the-portal",
				client_secret: "a-secret-of-the-portal",
				redirect_uris: [redirect],
				token_endpoint_auth_method: "client_secret_post",
			},
		],
		jwks: { keys: [keys.own.jwk] },
		cookies: { keys: ["of-the-tests"] },
		routes: ROUTES,
		pkce: { required: () => true },
		conformIdTokenClaims: false,
		claims: {
			openid: ["sub", "hd", "tid", "oid", "xms_edov", "idp", "acct"],
			email: ["email", "email_verified"],
			profile: ["name", "preferred_username"],
		},
		features: { devInteractions: { enabled: false } },
		interactions: { policy: policy(), url: (_context, interaction) => `/interaction/${interaction.uid}` },
		findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...state.claims }) }),
		loadExistingGrant: async ({ oidc }) => {
			const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
			grant.addOIDCScope(SCOPES);
			await grant.save();
			return grant;
		},
	});
}

const providers = new Map();
function current() {
	const issuer = kind === "google" ? base : `${base}/${state.tenant}/v2.0`;
	if (!providers.has(issuer)) {
		providers.set(issuer, makeProvider(issuer));
	}
	return providers.get(issuer);
}

function discoveryOfAllTenants(response) {
	const endpoints = { authorization_endpoint: "/authorize", token_endpoint: "/token", jwks_uri: "/keys" };
	const addresses = Object.entries(endpoints).map(([name, path]) => [name, base + path]);
	send(response, 200, JSON.stringify({ issuer: `${base}/{tenantid}/v2.0`, ...Object.fromEntries(addresses) }));
}

async function interact(request, response) {
	if (request.method !== "POST") {
		const page = '<!doctype html><title>Sign in</title><form method="post"><button>Continue as Noor</button></form>';
		return send(response, 200, page, "text/html");
	}
	const result = { login: { accountId: "account-1" }, select_account: {} };
	return current().interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

async function forged(token) {
	const { claims = {}, without = [], key = "own", algorithm = "RS256" } = state.forge;
	const payload = { ...jose.decodeJwt(token), ...claims };
	for (const name of without) {
		delete payload[name];
	}
	if (algorithm === "none") {
		return new jose.UnsecuredJWT(payload).encode();
	}
	const secret = algorithm === "HS256" ? new TextEncoder().encode("a-secret-of-the-portal".padEnd(32, "-")) : keys[key].secret;
	return new jose.SignJWT(payload).setProtectedHeader({ alg: algorithm, kid: keys[key].kid }).sign(secret);
}

function changeAnswer(response, change) {
	const end = response.end.bind(response);
	response.end = (body) => {
		Promise.resolve(change(JSON.parse(body))).then((changed) => {
			const text = JSON.stringify(changed);
			response.setHeader("content-length", Buffer.byteLength(text));
			end(text);
		});
	};
}

function prepareAnswer(path, response) {
	if (path === "/token" && state.forge) {
		changeAnswer(response, async (body) => (body.id_token ? { ...body, id_token: await forged(body.id_token) } : body));
	}
	if (path === "/keys" && state.publishes_next_key) {
		changeAnswer(response, (body) => ({ keys: [...body.keys, keys.next.open] }));
	}
}

const FAILURES = {
	500: (response) => send(response, 500, "{}"),
	garbage: (response) => send(response, 200, "<html>not JSON</html>", "text/html"),
	list: (response) => send(response, 200, "[]"),
	empty: (response) => send(response, 200, "{}"),
	drop: (response) => response.socket.destroy(),
	hang: () => undefined,
};

function send(response, status, text, type = "application/json") {
	response.writeHead(status, { "content-type": type });
	response.end(text);
}

async function control(request, response) {
	let text = "";
	for await (const part of request) {
		text += part;
	}
	state = { ...structuredClone(UNTOUCHED), ...JSON.parse(text) };
	send(response, 200, "{}");
}

async function answer(request, response) {
	const path = new URL(request.url, base).pathname;
	if (path === "/control") {
		return control(request, response);
	}
	if (path === "/asked") {
		return send(response, 200, JSON.stringify(state.asked));
	}
	state.asked.push(`${request.method} ${path}`);
	const name = path.endsWith(DISCOVERY) ? "/discovery" : path;
	if (state.fail[name]) {
		return FAILURES[state.fail[name]](response);
	}
	if (path === ALL_TENANTS + DISCOVERY) {
		return discoveryOfAllTenants(response);
	}
	if (path.startsWith("/interaction/")) {
		return interact(request, response);
	}
	prepareAnswer(path, response);
	return current().callback()(request, response);
}

const server = http.createServer(answer);
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const base = `http://127.0.0.1:${server.address().port}`;
console.log(`port ${server.address().port}`);
