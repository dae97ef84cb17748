"""The page's template (Jinja). Black on white, one typeface, a table for examples; prints on A4 landscape."""

PAGE = """\
<!doctype html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
:root { color-scheme: light; --ink: #1c1f23; --soft: #4d545c; --line: #c3c8ce; --ground: #fff; --band: #f1f3f5; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, "Liberation Sans", sans-serif; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: #fff; padding: .5rem; outline: 3px solid #1a5fb4; }
header, main, nav { max-width: 100rem; margin: 0 auto; padding: 1rem 2rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 1rem 0; }
h2 { font-size: 1.2rem; margin: 0 0 .75rem; }
h3 { font-size: 1rem; margin: 0 0 .25rem; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; }
dl.facts dt { color: var(--soft); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
nav ol { columns: 3 18rem; column-gap: 3rem; padding-left: 1.2rem; margin: .5rem 0; }
a { color: #174a8c; }
a:focus-visible { outline: 3px solid #1a5fb4; outline-offset: 2px; }
section.article { border-top: 2px solid var(--ink); padding: 1.25rem 0; }
.columns { display: grid; grid-template-columns: minmax(14rem, 1fr) minmax(18rem, 1.2fr) minmax(24rem, 1.8fr); gap: 2rem; }
.columns > div > h3 { color: var(--soft); font-weight: 600; margin-bottom: .5rem; }
.columns p { margin: 0 0 .6rem; }
.clause { border: 1px solid var(--line); padding: .75rem; margin: 0 0 .75rem; break-inside: avoid; }
.clause h4 { margin: 0 0 .4rem; font-size: 1rem; }
.clause dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .75rem; margin: 0 0 .4rem; }
.clause dt { color: var(--soft); }
.clause dd { margin: 0; }
.clause p { margin: .2rem 0; }
.mark { display: inline-block; border: 1px solid currentColor; padding: 0 .4rem; font-size: .85rem; }
.mark.reading { border-style: dashed; background: #fff6df; }
.none { border-left: 4px solid var(--line); padding-left: .75rem; }
table { border-collapse: collapse; width: 100%; font-size: .95rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; border-bottom: 1px solid var(--line); }
thead th { background: var(--band); }
td.when { white-space: nowrap; }
td.answer { white-space: nowrap; font-weight: 600; }
.differs { background: #ffe3e0; }
.small { color: var(--soft); font-size: .85rem; }
th:first-child { width: 42%; }
code { font-size: .85rem; overflow-wrap: anywhere; }
@media screen {
  :root[data-theme="dark"] { color-scheme: dark; --ink: #e8eaec; --soft: #aeb6bd; --line: #3a4047; --ground: #17191c; --band: #272b30; }
  :root[data-theme="dark"] a { color: #8ab8ff; }
  :root[data-theme="dark"] .mark.reading { background: #3a3118; }
  :root[data-theme="dark"] .differs { background: #4a2320; }
  :root[data-theme="dark"] .skip:focus { background: #272b30; }
}
@media (max-width: 70rem) { .columns { grid-template-columns: 1fr; gap: 1rem; } }
@media print {
  @page { size: A4 landscape; margin: 12mm; }
  html { font-size: 9pt; }
  header, main { padding: 0; max-width: none; }
  nav { display: none; }
  .columns { grid-template-columns: 1fr 1.2fr 1.8fr; gap: 5mm; }
  section.article { padding: 4mm 0; }
  h2 { break-after: avoid; }
  tr { break-inside: avoid; }
  a { color: inherit; text-decoration: none; }
}
</style>
</head>
<body>
<a class="skip" href="#articles">{{ words.contents }}</a>
<header>
<h1>{{ title }}</h1>
<dl class="facts">
<dt>{{ words.parties }}</dt><dd>{% for party in convention.parties %}{{ party.name }}{{ ", " if not loop.last }}{% endfor %}</dd>
<dt>{{ words.in_force_from }}</dt><dd><time>{{ convention.in_force_from.isoformat() }}</time></dd>
{% if regime %}<dt>{{ words.regime }}</dt><dd>{{ regime }}</dd>
{% endif %}
<dt>{{ words.documents }}</dt>
{% for document in convention.documents %}<dd>{{ document.title }} : {% if document.sha256 %}<code>{{ document.sha256 }}</code>{% else %}{{ words.not_attached }}{% endif %}</dd>
{% if not loop.last %}<dt></dt>{% endif %}
{% endfor %}
<dt>{{ words.fingerprint }}</dt><dd><code>{{ convention.sha256 }}</code></dd>
</dl>
<p>{% if agree == examples %}{{ examples }} {{ words.summary }}{% else %}<strong class="differs">{{ agree }} {{ words.summary_bad }} {{ examples }}</strong>{% endif %} ; {{ readings }} {{ words.readings }}.</p>
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
{{ section.prose }}
</div>
<div>
<h3>{{ words.program }}</h3>
{% for reason in section.reasons %}
<p class="none"><strong>{{ words.no_effect }}.</strong> {{ reason }}</p>
{% endfor %}
{% for clause in section.clauses %}
<div class="clause">
<h4>{{ clause.title }}</h4>
<dl>
{% for parameter in clause.parameters %}<dt>{{ parameter.name }}</dt><dd>{{ parameter.value }}</dd>
{% endfor %}
</dl>
{% if clause.reading %}
<p><span class="mark reading">{{ words.reading }}</span> {{ words.alternative }} : {{ clause.alternative }}. {{ words.approved_by }} : {{ clause.approved_by }}.</p>
{% else %}
<p><span class="mark">{{ words.text }}</span></p>
{% endif %}
{% if clause.left_to %}<p>{{ words.left_to }} : {{ clause.left_to }}, {{ words.left_to_end }}.</p>
{% endif %}
<p class="small">{{ words.carried_by }} : {{ clause.cites }} ({{ clause.sources }}) · {{ clause.rows }}</p>
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
<tr{% if not example.agrees %} class="differs"{% endif %}><td>{{ example.situation }}</td><td class="when">{{ example.at }}</td><td class="answer">{{ example.mark }} {{ example.verdict }}</td><td>{{ example.because }}{% for more in example.more %}<br><span class="small more">{{ more }}</span>{% endfor %}{% if not example.agrees %}<br><strong>{{ words.differs }} : {{ example.complaint }}</strong>{% endif %}</td></tr>
{% endfor %}
</tbody>
</table>
{% endif %}
</div>
</div>
</section>
{% endfor %}
</main>
</body>
</html>
"""
