"""The page's template (Jinja). One typeface, a table for examples; prints on A4 landscape, footed on each sheet.

It stands alone as a document, and within a screen: there its `.page` and its style are taken into a shadow tree, and
the style of the sheet (`data-paper`) into the document. So colours hang on `:host` as well as on `:root`, and the host
says how it is lit in a word of its own: paper is always white.
"""

PAGE = """\
<!doctype html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
:root, :host { color-scheme: light; --ink: #16181b; --soft: #3f474e; --line: #b3b9bf; --ground: #fff; --band: #eceef0; --link: #0b57c2; --aside: #fff6df; --differs: #ffe3e0; }
:host { display: block; }
:host([data-lit="light"]) { --ground: #f5f6f7; --band: #e1e3e5; }
* { box-sizing: border-box; }
body { margin: 0; }
.page { background: var(--ground); color: var(--ink); font: 17px/1.45 "IBM Plex Sans", system-ui, "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--ground); padding: .5rem; outline: 3px solid var(--link); }
header, main, nav, .header, .main { max-width: 110rem; margin: 0 auto; padding: 1rem 1.75rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: .5rem 0 1rem; font-weight: 600; }
h2 { font-size: 1.3rem; line-height: 1.25; margin: 0 0 .75rem; font-weight: 600; }
h3 { font-size: 1.05rem; margin: 0 0 .5rem; font-weight: 600; color: var(--soft); }
h4 { font-size: 1.05rem; margin: 0 0 .4rem; font-weight: 600; }
dl { margin: 0; display: grid; grid-template-columns: minmax(9rem, max-content) minmax(0, 1fr); gap: .25rem 1rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
nav ol { columns: 3 17rem; column-gap: 3rem; padding-left: 2rem; margin: .5rem 0; }
nav li { padding: 2px 0; break-inside: avoid; }
a { color: var(--link); display: inline-block; min-height: 24px; }
a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.article { border-top: 2px solid var(--ink); padding: 1.25rem 0; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1.2fr) minmax(0, 1.8fr); gap: 2rem; }
.columns p { margin: 0 0 .6rem; }
.clause { border: 1px solid var(--line); padding: .75rem; margin: 0 0 .75rem; break-inside: avoid; }
.clause dl { gap: .1rem .75rem; margin: 0 0 .4rem; grid-template-columns: minmax(6rem, max-content) minmax(0, 1fr); }
.clause p { margin: .2rem 0; }
.mark { display: inline-block; border: 1px solid currentColor; padding: 0 .4rem; font-size: 1rem; }
.mark.reading { border-style: dashed; background: var(--aside); }
.none { border-left: 4px solid var(--line); padding-left: .75rem; }
table { border-collapse: collapse; width: 100%; font-size: 1rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; border-bottom: 1px solid var(--line); }
thead th { background: var(--band); font-weight: 600; }
td.when { min-width: 5.5rem; }
td.answer { white-space: nowrap; font-weight: 600; }
.differs { background: var(--differs); }
.small { color: var(--soft); font-size: 1rem; }
th:first-child { width: 40%; }
code { font: 1rem "IBM Plex Mono", ui-monospace, monospace; overflow-wrap: anywhere; }
@media screen {
  :host([data-lit="dark"]) { color-scheme: dark; --ink: #e8eaec; --soft: #aeb6bd; --line: #3a4047; --ground: #17191c; --band: #272b30; --link: #8ab8ff; --aside: #3a3118; --differs: #4a2320; }
}
.page { container-type: inline-size; }
@media screen { @container (max-width: 68rem) { .columns { grid-template-columns: minmax(0, 1fr); gap: 1rem; } } }
@media print {
  .page { font-size: 9pt; line-height: 1.3; container-type: normal; background: none; }
  h1 { font-size: 16pt; } h2 { font-size: 12pt; margin-bottom: 2mm; } h3, h4, .small, .mark, code, table { font-size: 9pt; }
  h3 { margin-bottom: 1mm; } th, td { padding: .8mm 1.2mm; } td.when { white-space: nowrap; }
  .clause { padding: 2mm; margin-bottom: 2mm; } .columns p { margin-bottom: 1mm; }
  header, main, .header, .main { padding: 0; max-width: none; }
  nav { display: none; }
  .columns { gap: 4mm; grid-template-columns: minmax(0, 1fr) minmax(0, 1.15fr) minmax(0, 2.1fr); }
  .article { padding: 3mm 0; break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; }
  p { orphans: 3; widows: 3; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  a { color: inherit; text-decoration: none; }
}
</style>
<style data-paper>
@page { size: A4 landscape; margin: 12mm 12mm 16mm; }
@page { @bottom-left { content: "{{ short_title }} · SHA-256 {{ convention.sha256[:16] }}…"; font: 8pt "IBM Plex Sans", sans-serif; color: #3f474e; } }
@page { @bottom-right { content: "{{ words.page }} " counter(page) " / " counter(pages); font: 8pt "IBM Plex Sans", sans-serif; color: #3f474e; } }
</style>
</head>
<body>
<div class="page">
<a class="skip" href="#articles">{{ words.contents }}</a>
<header>
<h1>{{ title }}</h1>
<dl class="facts">
<dt>{{ words.parties }}</dt><dd>{{ parties }}</dd>
<dt>{{ words.in_force_from }}</dt><dd>{{ in_force_from }}</dd>
{% if regime %}<dt>{{ words.regime }}</dt><dd>{{ regime }}</dd>
{% endif %}
<dt>{{ words.documents }}</dt>
{% for document in documents %}<dd{% if foreign %} lang="fr"{% endif %}>{{ document.title }}{{ colon }} {% if document.sha256 %}<code>{{ document.sha256 }}</code>{% else %}<span lang="{{ language }}">{{ words.not_attached }}</span>{% endif %}</dd>
{% if not loop.last %}<dt></dt>{% endif %}
{% endfor %}
<dt>{{ words.fingerprint }}</dt><dd><code>{{ convention.sha256 }}</code></dd>
</dl>
<p>{% if agree == examples %}{{ examples }} {{ words.summary }}{% else %}<strong class="differs">{{ agree }} {{ words.summary_bad }} {{ examples }}</strong>{% endif %}{{ semicolon }} {{ readings }} {{ words.readings }}.{% if foreign %} {{ words.original }}{% endif %}</p>
</header>
<nav aria-label="{{ words.contents }}">
<ol>
{% for section in sections %}<li><a href="#{{ section.anchor }}">{{ section.title }}</a></li>
{% endfor %}
</ol>
</nav>
<main id="articles">
{% for section in sections %}
<section class="article" id="{{ section.anchor }}" aria-labelledby="{{ section.anchor }}-title">
<h2 id="{{ section.anchor }}-title">{{ section.title }}</h2>
<div class="columns">
<div>
<h3>{{ words.article }}</h3>
<div{% if foreign %} lang="fr"{% endif %}>{{ section.prose }}</div>
</div>
<div class="rules">
<h3>{{ words.program }}</h3>
{% for reason in section.reasons %}
<p class="none"><strong>{{ words.no_effect }}.</strong> <span{% if foreign %} lang="fr"{% endif %}>{{ reason }}</span></p>
{% endfor %}
{% for clause in section.clauses %}
<div class="clause" data-rows="{{ clause.rows }}">
<h4>{{ clause.title }}</h4>
<dl>
{% for parameter in clause.parameters %}<dt>{{ parameter.name }}</dt><dd>{{ parameter.value }}</dd>
{% endfor %}
</dl>
{% if clause.reading %}
<p><span class="mark reading">{{ words.reading }}</span> {{ words.alternative }}{{ colon }} <span{% if foreign %} lang="fr"{% endif %}>{{ clause.alternative }}</span>. {{ words.approved_by }}{{ colon }} <span{% if foreign %} lang="fr"{% endif %}>{{ clause.approved_by }}</span>.</p>
{% else %}
<p><span class="mark">{{ words.text }}</span></p>
{% endif %}
{% if clause.left_to %}<p>{{ words.left_to }}{{ colon }} {{ clause.left_to }}, {{ words.left_to_end }}.</p>
{% endif %}
<p class="small">{{ words.carried_by }}{{ colon }} {{ clause.cites }} ({{ clause.sources }})</p>
</div>
{% endfor %}
</div>
<div>
{% if section.examples %}
<h3 id="{{ section.anchor }}-examples">{{ words.examples }}</h3>
<table aria-labelledby="{{ section.anchor }}-examples">
<thead><tr><th scope="col">{{ words.situation }}</th><th scope="col">{{ words.when }}</th><th scope="col">{{ words.answer }}</th><th scope="col">{{ words.because }}</th></tr></thead>
<tbody>
{% for example in section.examples %}
<tr{% if not example.agrees %} class="differs"{% endif %}><td{% if foreign %} lang="fr"{% endif %}>{{ example.situation }}</td><td class="when">{{ example.at }}</td><td class="answer">{{ example.mark }} {{ example.verdict }}</td><td>{{ example.because }}{% for more in example.more %}<br><span class="small more">{{ more }}</span>{% endfor %}{% if not example.agrees %}<br><strong>{{ words.differs }}{{ colon }} {{ example.complaint }}</strong>{% endif %}</td></tr>
{% endfor %}
</tbody>
</table>
{% endif %}
</div>
</div>
</section>
{% endfor %}
</main>
</div>
</body>
</html>
"""
