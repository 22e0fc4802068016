// What pages do beyond the server's HTML: clocks that run, keys, looking again when something has changed.
// Every page works without it. No text stands here: words come along in data attributes.
'use strict'

const $ = (selector, within = document) => within.querySelector(selector)
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)]

// Clocks. The server's clock may run faster (the demo): its instant came with the page, time since then is ours.
const pace = Number(document.body.dataset.pace) || 1
let anchor = { shown: null, store: 0, here: 0 }

function storeNow() {
  const shown = $('#live')?.dataset.now
  if (shown && shown !== anchor.shown) anchor = { shown, store: Number(shown), here: performance.now() }
  return anchor.store + (performance.now() - anchor.here) * pace
}

function left(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const two = (number) => String(number).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

function tick() {
  const now = storeNow()
  for (const clock of $$('[data-until]')) {
    const text = left(Number(clock.dataset.until) - now)
    if (clock.textContent !== text) clock.textContent = text
  }
}
setInterval(tick, pace > 1 ? 100 : 250)
tick()

// The browser's zone, for whoever has not told theirs.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
if (zone && !document.cookie.includes('tocsin_zone=')) {
  document.cookie = `tocsin_zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`
}

// Looking again: at once, then at most every 400 ms, and always once more after the last change.
let waiting = null
let lookedAt = 0

function lookAgain() {
  const live = $('#live')
  if (!live || waiting) return
  waiting = setTimeout(() => {
    waiting = null
    lookedAt = performance.now()
    htmx.trigger('#live', 'refresh')
  }, Math.max(0, 400 - (performance.now() - lookedAt)))
}
document.addEventListener('sse:changed', lookAgain)

// A lost line says since when the page is old; when it is back, the page looks again.
let lostAt = null

function lost() {
  const stale = $('#stale')
  if (lostAt || !stale) return
  lostAt = new Date()
  const at = lostAt.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false })
  stale.textContent = stale.dataset.text.replace('{at}', at)
  stale.hidden = false
}

// Also at the first time: what has changed between the page and the line is not told by the line.
function back() {
  if (lostAt) $('#stale').hidden = true
  lostAt = null
  lookAgain()
}
let leaving = false
addEventListener('pagehide', () => { leaving = true })
document.addEventListener('htmx:sseError', () => { if (!leaving) lost() })
document.addEventListener('htmx:sseOpen', back)
document.addEventListener('htmx:sendError', lost)

// An answer that is another page (the session has ended) replaces the whole page, not a part of it.
document.addEventListener('htmx:beforeSwap', (event) => {
  const live = $('#live')
  if (event.detail.xhr.status < 400 && live && !event.detail.serverResponse.includes('id="live"')) {
    event.detail.shouldSwap = false
    location.reload()
  }
})

// What a person has opened or is typing stays as it is when the rest is drawn anew.
if (window.Idiomorph) {
  const kept = Idiomorph.defaults.callbacks.beforeAttributeUpdated
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node, change) => {
    if (name === 'open' && node.nodeName === 'DETAILS') return false
    if ((name === 'hidden' || name === 'data-chosen') && node.matches('[data-row], [data-copy]')) return false
    return kept(name, node, change)
  }
}

// The list does not jump: while somebody points at it or walks through it, new rows wait until they are asked for.
const held = new Set()
let known = null

function busy(list) {
  return list.matches(':hover, :focus-within') || $('[data-chosen]', list) || scrollY > 80
}

function holdBack() {
  const [list, fresh] = [$('[data-list]'), $('#fresh')]
  if (!list || !fresh) return
  const rows = $$('[data-row]', list)
  if (known && busy(list)) for (const row of rows) if (!known.has(row.id)) held.add(row.id)
  known = new Set(rows.map((row) => row.id))
  for (const row of rows) row.hidden = held.has(row.id)
  const count = rows.filter((row) => row.hidden).length
  fresh.hidden = count === 0
  $('button', fresh).textContent = fresh.dataset.text.replace('{count}', count)
}
document.addEventListener('htmx:afterSettle', holdBack)
holdBack()
document.addEventListener('click', (event) => {
  if (!event.target.closest('[data-show-fresh]')) return
  held.clear()
  for (const row of $$('[data-row]')) row.hidden = false
  $('#fresh').hidden = true
  scrollTo({ top: 0 })
})

// Keys. In a list j and k walk, Enter opens; elsewhere a key presses what carries it.
function walk(step) {
  const rows = $$('[data-row]').filter((row) => !row.hidden)
  if (!rows.length) return
  const at = rows.findIndex((row) => 'chosen' in row.dataset)
  const to = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))
  for (const row of rows) delete row.dataset.chosen
  rows[to].dataset.chosen = ''
  $('a', rows[to]).focus({ preventScroll: true })
  rows[to].scrollIntoView({ block: 'nearest' })
}

function press(key) {
  const chosen = $('[data-row][data-chosen]')
  const action = { a: 'acknowledge', r: 'resolve' }[key]
  const target = chosen && action ? $(`form[action$="/${action}"] button`, chosen) : $(`[data-key="${key}"]`)
  if (!target) return false
  if (target.matches('input')) target.focus()
  else target.click()
  return true
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') for (const menu of $$('details.menu[open]')) menu.open = false
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea, select')) return
  if (event.key === 'j' || event.key === 'k') walk(event.key === 'j' ? 1 : -1)
  else if (press(event.key)) event.preventDefault()
})

// Small comforts: a menu closes when one clicks beside it, a filter applies itself, a command can be copied.
document.addEventListener('click', (event) => {
  for (const menu of $$('details.menu[open]')) if (!menu.contains(event.target)) menu.open = false
})
document.addEventListener('change', (event) => {
  if (event.target.matches('[data-submit]')) event.target.form.requestSubmit()
})
if (navigator.clipboard) for (const button of $$('[data-copy]')) button.hidden = false
document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]')
  if (!button) return
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent)
  button.textContent = button.dataset.done
})
