#!/usr/bin/env node
// Has a real Chromium keep things in its profile, as a page that did wrong would: texts in localStorage, the rest in its cache.
// `chaos canary` then has to find each of them there before it may say that the officer's profile holds nothing.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { chromium } from 'playwright-core'
import { readArguments } from '../../tools/rig/browser.mjs'

const given = readArguments(process.argv.slice(2), ['profile', 'forms'])
const forms = JSON.parse(readFileSync(given.forms, 'utf8'))
const server = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end('<!doctype html><title>planted</title>'))
await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
const browser = await chromium.launchPersistentContext(given.profile, {
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
})
try {
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${server.address().port}/`)
  await page.evaluate(async (all) => {
    const cache = await caches.open('planted')
    for (const [i, form] of all.entries()) {
      const bytes = Uint8Array.from(atob(form.base64), (c) => c.charCodeAt(0))
      await cache.put(`/planted/${i}`, new Response(bytes))
      if (form.text) localStorage.setItem(`planted-${i}`, new TextDecoder().decode(bytes))
    }
  }, forms)
  // localStorage is written behind the page's back.
  await new Promise((resolve) => setTimeout(resolve, 6000))
} finally {
  await browser.close()
  server.close()
}
