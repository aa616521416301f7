// Runs before the first paint, so that nobody sees the wrong theme or direction flash by.
;(function () {
  var root = document.documentElement
  var saved = {}
  try {
    saved = JSON.parse(localStorage.getItem('bourse.settings') || '{}') || {}
  } catch (_) {}
  var language = saved.language || (/^fa\b/i.test(navigator.language) ? 'fa' : 'en')
  root.lang = language
  root.dir = language === 'fa' ? 'rtl' : 'ltr'
  root.dataset.theme = saved.theme || 'system'
  root.dataset.density = saved.density || 'default'
  root.dataset.colours = saved.colours || 'blue'
})()
