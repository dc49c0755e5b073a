// Every word of both pages exists in both languages, every word is used, and no page text stands outside the dictionaries.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { build, parseAst } from 'vite'

const root = fileURLToPath(new URL('../..', import.meta.url))
const terminal = join(root, 'agent/Terminal/web/src')
const centre = join(root, 'tools/command-centre/web/src')
const dictionaryFiles = ['text.ts', 'commonText.ts', 'helpText.ts', 'faceText.ts', 'acceptanceText.ts', 'decommissionText.ts', 'stageNames.ts']

const filesUnder = (folder, ending) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((f) => f.isFile() && ending.test(f.name) && !/[\\/](obj|bin|node_modules|dist)([\\/]|$)/.test(f.parentPath))
    .map((f) => join(f.parentPath, f.name))

const pageFiles = [...filesUnder(terminal, /\.tsx?$/), ...filesUnder(centre, /\.tsx?$/)]

async function dictionaryOf(folder) {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { alias: { '@shared': join(terminal, 'shared') } },
    build: { write: false, minify: false, lib: { entry: join(folder, 'text.ts'), formats: ['es'] } },
  })
  const code = result[0].output[0].code
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).text
}

const dictionaries = { terminal: await dictionaryOf(terminal), console: await dictionaryOf(centre) }
const cjk = /[\u3400-\u9fff]/

for (const [page, dictionary] of Object.entries(dictionaries)) {
  test(`${page}: each key has a Chinese and an English text with the same placeholders`, () => {
    for (const [key, entry] of Object.entries(dictionary)) {
      assert.equal(entry.length, 2, key)
      const [zh, en] = entry
      assert.ok(zh.trim() && en.trim(), `${key} is empty`)
      const holes = (text) => [...text.matchAll(/\{\w+\}/g)].map((m) => m[0]).sort()
      assert.deepEqual(holes(zh), holes(en), key)
      if (key !== 'language.switch') assert.ok(!cjk.test(en), `${key} is Chinese in the English column`)
      const words = zh.replace(/\{\w+\}/g, '').replace(/[A-Z]{2,}/g, '')
      assert.ok(cjk.test(zh) || !/[a-z]{2,}/i.test(words), `${key} is not Chinese in the Chinese column`)
    }
  })
}

test('no word of a page stands outside the dictionaries', () => {
  const spoken = ['aria-label', 'title', 'placeholder', 'alt', 'label', 'caption', 'words']
  const found = []
  for (const file of pageFiles.filter((f) => !dictionaryFiles.some((d) => f.endsWith(d)))) {
    const source = readFileSync(file, 'utf8')
    walk(parseAst(source, { lang: file.endsWith('x') ? 'tsx' : 'ts' }), (node, parent) => {
      if (node.type === 'JSXText' && /\p{L}/u.test(node.value) && parent?.openingElement?.name?.name !== 'kbd') found.push(`${file}: ${node.value.trim()}`)
      if (node.type === 'JSXAttribute' && spoken.includes(node.name.name) && node.value?.type === 'Literal' && /\p{L}/u.test(node.value.value)) found.push(`${file}: ${node.value.value}`)
      if ((node.type === 'Literal' || node.type === 'TemplateElement') && cjk.test(String(node.value?.raw ?? node.value))) found.push(`${file}: ${String(node.value?.raw ?? node.value)}`)
    })
  }
  assert.deepEqual(found, [])
})

test('every word is used', () => {
  const sources = pageFiles.filter((f) => !f.endsWith('text.ts') && !f.endsWith('commonText.ts') && !f.endsWith('faceText.ts') && !f.endsWith('acceptanceText.ts')).map((f) => readFileSync(f, 'utf8')).join('\n')
  const keys = new Set([...Object.keys(dictionaries.terminal), ...Object.keys(dictionaries.console)])
  const used = (key) => {
    if (sources.includes(`'${key}'`)) return true
    const prefix = `${key.split('.')[0]}.`
    return sources.includes(`'${prefix}'`) || sources.includes(`\`${prefix}\${`)
  }
  assert.deepEqual([...keys].filter((k) => !used(k)), [])
})

test('the pages have words for what the host and the centre say', () => {
  const words = { ...dictionaries.terminal, ...dictionaries.console }
  const stages = readFileSync(join(terminal, 'stageNames.ts'), 'utf8')
  const agent = filesUnder(join(root, 'agent'), /\.cs$/).map((f) => readFileSync(f, 'utf8')).join('\n')
  const console = filesUnder(join(root, 'tools/command-centre'), /\.cs$/).map((f) => readFileSync(f, 'utf8')).join('\n')
  const said = [
    ...[...(/class ClipKeeper\b[\s\S]*/.exec(agent)?.[0] ?? '').matchAll(/(?:GiveUp|Lose|End|Say)\((?:clip, )?"(\w+)"\)/g)].map((m) => [m[1], `clipWhy.${m[1]}` in words]),
    ...[...(/class ClipRules\b[\s\S]*?\n}/.exec(agent)?.[0] ?? '').matchAll(/"(\w+_\w+)"/g)].map((m) => [m[1], `clipWhy.${m[1]}` in words]),
    ...[...agent.matchAll(/new\("([\w-]+)", StopPhase/g)].map((m) => [m[1], stages.includes(`${m[1]}:`) || stages.includes(`'${m[1]}':`)]),
    ...[...(/class Contradictions\b[\s\S]*?public static/.exec(agent)?.[0] ?? '').matchAll(/= "(\w+)"/g)].map((m) => [m[1], `contradiction.${m[1]}` in words]),
    ...[...agent.matchAll(/new Matching\([^"]*"(\w+)"/g)].map((m) => [m[1], `why.${m[1]}` in words]),
    ...[...[...console.matchAll(/class (?:LiveEndpoints|PtzEndpoints|MomentEndpoints|ExhibitEndpoints|RedactionEndpoints|ExportEndpoints)\b[\s\S]*?\n}/g)].map((m) => m[0]).join('\n').matchAll(/(?:Refusal\.Of\(\d+, |\? |\?\? |: |code = )"(\w+_\w+)"/g)]
      .filter((m) => !['bad_quality', 'bad_vector'].includes(m[1]) && !/_(read|searched|searched_by_plate)$/.test(m[1])) // the page's own fields cannot cause them
      .map((m) => [m[1], `error.${m[1]}` in words]),
  ]
  // Calls: each refusal, each line of a story, each word of the closed sets that the page shows.
  const calls = filesUnder(join(root, 'tools/command-centre'), /^Call\w*\.cs$/).map((f) => readFileSync(f, 'utf8')).join('\n')
  const states = [.../enum CallState \{([^}]*)\}/.exec(readFileSync(join(root, 'dispatch-client/Contract/protos/patrol/dispatch/v1/call.proto'), 'utf8'))[1].matchAll(/CALL_STATE_(\w+)/g)].map((m) => m[1].toLowerCase())
  said.push(
    ...[...calls.matchAll(/(?:CallAnswer\.No\(|Refusal\.Of\(\d+, |return \(null, |\? "" : |\? )"((?!call_)\w+_\w+)"/g)].map((m) => [m[1], `error.${m[1]}` in words]),
    ...[...calls.matchAll(/(?:What = |Line\((?:by|entry), )"(\w+)"/g)].map((m) => [m[1], `callWhat.${m[1]}` in words]),
    ...[.../Results = \[(.*)\]/.exec(calls)[1].matchAll(/"(\w+)"/g)].map((m) => [m[1], `callResult.${m[1]}` in words]),
    ...states.filter((s) => s !== 'unspecified').map((s) => [s, `callState.${s}` in words]),
  )
  said.push(...[...readFileSync(join(root, 'dispatch-client/Contract/LookUpCodes.cs'), 'utf8').matchAll(/= "(\w+)"/g)].map((m) => [m[1], `lookUpWhy.${m[1]}` in words]))
  // The terminal's own part in calls: why a recording, a picture or a clip is not to be had.
  const recordings = filesUnder(join(root, 'agent/Calls'), /^Recording\w*\.cs$/).map((f) => readFileSync(f, 'utf8')).join('\n')
  const notHere = [...recordings.matchAll(/Refuse\(recording, (?:[^"]*)"(\w+)"(?: : "(\w+)")?/g)].flatMap((m) => m.slice(1).filter(Boolean))
  assert.ok(notHere.length > 3, 'the reasons were found')
  said.push(...notHere.map((code) => [code, `recordingWhy.${code}` in words]))
  const taken = readFileSync(join(root, 'agent/Calls/CallPictures.cs'), 'utf8') + readFileSync(join(root, 'agent/Dispatches/CallBook.cs'), 'utf8')
  said.push(
    ...[...taken.matchAll(/(?:return \(?|\? )"(\w+_\w+)"/g)].filter((m) => !['bad_call_id', 'bad_call_state', 'no_receiver'].includes(m[1])) // no button of the page leads there
      .map((m) => [m[1], `error.${m[1]}` in words]),
  )
  const assist = readFileSync(join(root, 'agent/Assist/AssistDesk.cs'), 'utf8')
  const refusals = [...assist.matchAll(/(?:return |\(|: )"(\w+_\w+)"/g)].map((m) => m[1])
  said.push(
    ...['no_missing_list', ...refusals.filter((code) => !['reason_unknown', 'words_too_long', 'signed_out'].includes(code))].map((code) => [code, `assistWhy.${code}` in words]),
    ...[.../All \{ get; \} = \[(.*)\]/.exec(assist)[1].matchAll(/"(\w+)"/g)].map((m) => [m[1], `assistReason.${m[1]}` in words]),
  )
  assert.ok(refusals.includes('assist_over') && refusals.includes('view_gone') && refusals.includes('words_needed'), 'the refusals were found')
  const administration = filesUnder(join(root, 'tools/command-centre/ConsoleApi/Admin'), /\.cs$/).map((f) => readFileSync(f, 'utf8')).join('\n')
  const refused = [...administration.matchAll(/(?:Refusal\.Of|Refused)\(\d+, "(\w+)"/g)].map((m) => m[1])
  assert.ok(refused.length > 30, 'the refusals of the administration were found')
  said.push(...refused.map((code) => [code, `error.${code}` in words]))
  // Vehicle and box: each trouble at both pages, each condition of the modem.
  const troubles = [...readFileSync(join(root, 'agent/Box/BoxBook.cs'), 'utf8').matchAll(/\("(\w+)", \w+Now|\("(clock_\w+)"/g)].map((m) => m[1] ?? m[2])
  const conditions = [.../enum ModemCondition\s*\{([^}]*)\}/.exec(readFileSync(join(root, 'hw/Modem/ModemReading.cs'), 'utf8'))[1].matchAll(/^ {4}(\w+),/gm)].map((m) => m[1].replace(/(?<=.)[A-Z]/g, '_$&').toLowerCase())
  assert.ok(troubles.length === 11 && conditions.length === 9, 'the troubles and conditions were found')
  said.push(
    ...troubles.map((code) => [code, `trouble.${code}` in words]),
    ...troubles.filter((code) => code !== 'power_off').map((code) => [code, `problem.${code}.title` in words]),
    ...conditions.filter((code) => code !== 'not_fitted').map((code) => [code, `modem.${code}` in words]),
  )
  assert.ok(said.length > 20, 'the sources were found')
  assert.deepEqual(said.filter(([, known]) => !known).map(([code]) => code), [])
})

test('the terminal offers a look-up for the purposes that the contract allows, and no other', () => {
  const snake = (name) => name.replace(/(?<=.)[A-Z]/g, '_$&').toLowerCase()
  const rules = readFileSync(join(root, 'dispatch-client/Contract/LookUpRules.cs'), 'utf8')
  const allowed = [...rules.matchAll(/\[\(LookUpPurpose\.(\w+), LookUpKind\.(\w+)\)\] =/g)].map((m) => `${snake(m[2])} ${snake(m[1])}`)
  const page = readFileSync(join(terminal, 'lookUps.ts'), 'utf8')
  const offered = [...page.matchAll(/^ {2}(plate|document): \[(.*)\],$/gm)].flatMap((m) => [...m[2].matchAll(/'(\w+)'/g)].map((p) => `${m[1]} ${p[1]}`))
  assert.ok(allowed.length > 5)
  assert.deepEqual(offered.sort(), allowed.sort())
})

function walk(node, visit, parent = null) {
  if (!node || typeof node !== 'object') return
  if (Array.isArray(node)) return node.forEach((n) => walk(n, visit, parent))
  if (typeof node.type !== 'string') return
  visit(node, parent)
  for (const [key, child] of Object.entries(node)) if (key !== 'parent') walk(child, visit, node)
}
