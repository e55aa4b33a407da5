import { concat, encodeFunctionData, erc20Abi, keccak256, toHex } from 'viem';
import { deploy, initCode, relayer, startAnvil } from './wallet/anvil.ts';
import { actions as rights, walletAddress, walletIdOf, localRuleBytes, asset } from './wallet/configuration.ts';
import * as forms from './wallet/forms.ts';
import { makeSigner } from './wallet/signers.ts';
import { readFileSync } from 'node:fs';
const chain = await startAnvil({ more: ['--steps-tracing'] });
const d = await deploy(chain);
const shared = rights.execute | rights.grant | rights.policy | rights.message | rights.cancel | rights.freeze;
const passkey = makeSigner((process.argv[3] ?? 'webauthn') as never, 1);
const source = forms.genesisSource({ signers: [passkey], rules: [{ actions: shared, mask: 1, threshold: 1 }] }, 1, (g) => walletIdOf(g, d.program));
await chain.send(d.factory, source.walletId);
const place = { chain: chain.id, wallet: walletAddress(d.factory, source.walletId), source };
const call = { to: relayer.address, value: 0n, data: '0x12345678' as const };
let r: any;
const which = process.argv[2];
for (let nonce = 0n; nonce < 3n; ++nonce) {
  if (which === 'grant') { const bytes = localRuleBytes([makeSigner('eip712', 's')], { actions: 1, mask: 1, threshold: 1, times: [5n, 1n << 40n], scope: [{ target: relayer.address, prefix: '0xa9059cbb' }], limits: [{ asset: asset(relayer.address, 0), perCall: 1n, perPeriod: 2n, period: 86400 }] }); r = await chain.send(place.wallet, await forms.grant(place, { rule: 0, approvers: [0], nonce }, [], bytes)); break; }
  r = await chain.send(place.wallet, await forms.longExecute(place, { rule: 0, approvers: [0], nonce }, [call]));
}
console.log(r.status, r.gasUsed);
const trace: any = await chain.request('debug_traceTransaction', [r.transactionHash, { disableStorage: true, disableMemory: true, disableStack: true }]);
const logs = trace.structLogs; const per: any = {}, ops: any = {}, pcs: any = {};
for (let i = 0; i < logs.length; ++i) {
  const l = logs[i], n = logs[i + 1];
  const cost = n && n.depth === l.depth ? l.gas - n.gas : Number(l.gasCost);
  const isCall = n && n.depth > l.depth;
  const c = isCall ? 0 : cost;
  per[l.depth] = (per[l.depth] ?? 0) + c;
  if (l.depth === 3) { const o = (ops[l.op] ??= { n: 0, gas: 0 }); o.n++; o.gas += c; pcs[l.pc] = (pcs[l.pc] ?? 0) + c; }
}
console.log(per);
console.log(Object.entries<any>(ops).sort((a, b) => b[1].gas - a[1].gas).slice(0, 24).map(([k, v]) => `${k} ${v.n}x ${v.gas}`).join('\n'));

const art = JSON.parse(readFileSync('/tmp/lead/map.json', 'utf8'));
const map = art.sourceMap.split(';'); const code = art.object;
const deployed = (await chain.client.getCode({ address: d.actions }))!.slice(2); console.log('same code', deployed === code);
const pcToIndex: number[] = []; let idx = 0;
for (let pc = 0; pc < code.length / 2; ) { pcToIndex[pc] = idx++; const op = parseInt(code.slice(pc * 2, pc * 2 + 2), 16); pc += 1 + (op >= 0x5f && op <= 0x7f ? op - 0x5f : 0); }
const full: number[][] = []; let prev = [0, 0, -1];
for (const e of map) { const p = e.split(':'); prev = [p[0] ? +p[0] : prev[0], p[1] ? +p[1] : prev[1], p[2] ? +p[2] : prev[2]]; full.push(prev); }
const agg: any = {}, lines: any = {};
for (const [pc, g] of Object.entries<any>(pcs)) { const e = full[pcToIndex[+pc]] ?? [0, 0, -1]; const f = art.ids[e[2]]; const fn = art.fns.filter((x: any) => x.f === f && x.s <= e[0] && e[0] < x.e).sort((a: any, b: any) => (a.e - a.s) - (b.e - b.s))[0]; const k = `${f}:${fn?.name ?? '-'}`; agg[k] = (agg[k] ?? 0) + g; const t = f ? readFileSync(f) : Buffer.from(''); const line = `${f}:${t.subarray(0, e[0]).toString().split('\n').length} ${t.subarray(e[0], e[0] + Math.min(e[1], 60)).toString().replace(/\s+/g, ' ')}`; lines[line] = (lines[line] ?? 0) + g; }
for (const [k, g] of Object.entries<any>(agg).sort((a, b) => b[1] - a[1]).slice(0, 34)) console.log(g, k);
console.log('---'); for (const [k, g] of Object.entries<any>(lines).sort((a, b) => b[1] - a[1]).slice(0, 40)) console.log(g, k);
process.exit(0);
