/// The look of the page. Text meets WCAG 2.2 AA (contrast of at least 4.5 to 1) in light and in dark.
enum Stylesheet {
    static let css: StaticString = """
        :root {
          color-scheme: light dark;
          --paper: #ffffff; --ink: #1b2127; --muted: #56616c; --line: #c9d1d9; --faint: #f3f5f7; --good: #e3eef8;
          --accent: #0b5cad; --pass: #10632c; --fail: #a40e26; --inconclusive: #7a4b00;
          --pass-tint: #e4f3e8; --fail-tint: #fdebec; --inconclusive-tint: #fdf3dc;
        }
        @media screen and (prefers-color-scheme: dark) {
          :root {
            --paper: #12171c; --ink: #e6ebf0; --muted: #a3afbb; --line: #3a444e; --faint: #1b222a; --good: #1c3146;
            --accent: #7ab8ff; --pass: #6fd88b; --fail: #ff938f; --inconclusive: #ecbc5c;
            --pass-tint: #14301d; --fail-tint: #3b1a1d; --inconclusive-tint: #352810;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0; background: var(--paper); color: var(--ink);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
        }
        :lang(zh) body, body:lang(zh) {
          font-family: system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC",
            "Source Han Sans SC", sans-serif;
        }
        main { max-width: 52rem; margin: 0 auto; padding: 2rem 1.5rem 4rem; }
        h1, h2, h3 { line-height: 1.2; text-wrap: balance; }
        h1 { margin: 0 0 1.25rem; font-size: 1.9rem; overflow-wrap: anywhere; }
        h2 { margin: 2.75rem 0 .75rem; font-size: 1.3rem; }
        h3 { margin: 1.75rem 0 .5rem; font-size: 1.05rem; }
        p, li, dd { overflow-wrap: anywhere; }
        p { margin: 0 0 .75rem; }
        .eyebrow { margin: 0 0 .25rem; color: var(--muted); font-size: .9rem; }
        .intro, figcaption { color: var(--muted); font-size: .9rem; }
        .muted { color: var(--muted); }
        code, pre { font-family: ui-monospace, "SF Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
          font-size: .9em; }
        pre { margin: 0 0 .75rem; padding: .6rem .9rem; background: var(--faint); border: 1px solid var(--line);
          border-radius: 4px; overflow-x: auto; }

        .verdict { padding: 1.25rem 1.5rem; border: 2px solid var(--tone); border-radius: 8px;
          background: var(--tint); }
        .verdict h2 { display: flex; flex-wrap: wrap; align-items: center; gap: .3em .35em; margin: 0;
          color: var(--tone); font-size: 2.9rem; font-weight: 750; line-height: 1.1; letter-spacing: -.01em; }
        .verdict .tag { margin-left: 0; font-size: 1rem; letter-spacing: 0; }
        .verdict .meaning { margin: .35rem 0 .9rem; color: var(--muted); }
        .verdict .reason { margin: 0; font-size: 1.2rem; line-height: 1.45; }
        .pass { --tone: var(--pass); --tint: var(--pass-tint); }
        .fail { --tone: var(--fail); --tint: var(--fail-tint); }
        .inconclusive { --tone: var(--inconclusive); --tint: var(--inconclusive-tint); }
        .plain { --tone: var(--muted); --tint: var(--faint); }
        .notice { margin: .75rem 0 0; padding: .5rem .9rem; border-left: 4px solid var(--inconclusive);
          background: var(--faint); }
        .tag { display: inline-block; margin-left: .5em; padding: .05em .5em; border: 1px solid currentColor;
          border-radius: 3px; font-size: .8em; font-weight: 600; white-space: nowrap; }
        .chip { display: inline-flex; align-items: baseline; gap: .35em; color: var(--tone); font-weight: 650;
          white-space: nowrap; }
        .sign { flex: none; align-self: center; width: 1.15em; height: 1.15em; vertical-align: -.2em; }
        .sign .outline { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; }
        .sign .stroke { fill: none; stroke: currentColor; stroke-width: 2.4; stroke-linecap: round;
          stroke-linejoin: round; }

        dl { margin: 1.25rem 0 0; }
        dt { color: var(--muted); font-size: .85rem; }
        dd { margin: 0; }
        .facts { display: flex; flex-wrap: wrap; gap: .75rem 2.5rem; }
        .pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .75rem 1.5rem;
          margin: 0; }
        .digests { display: block; margin-bottom: 1rem; }
        .digests div { display: grid; grid-template-columns: 13rem 1fr; gap: 1rem; padding: .2rem 0; }
        .digests dd, .digest { font-family: ui-monospace, "SF Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
          font-size: .82rem; overflow-wrap: anywhere; }
        td.digest { min-width: 9.5rem; }
        #next ol { margin: 0; padding-left: 1.9em; }
        #next li { margin-bottom: .35rem; }

        .scroll { margin: 0 0 1.25rem; overflow-x: auto; }
        .scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        table { width: 100%; border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
        caption { padding: 0 0 .4rem; color: var(--muted); font-size: .85rem; text-align: left; }
        .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
          white-space: nowrap; }
        th, td { padding: .45rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
        th:first-child, td:first-child { padding-left: 0; }
        th:last-child, td:last-child { padding-right: 0; }
        thead th { border-bottom: 1.5px solid var(--ink); font-size: .85rem; font-weight: 600; vertical-align: bottom;
          overflow-wrap: normal; }
        tbody th { font-weight: 500; }
        .number { text-align: right; }
        td.number, .time { white-space: nowrap; overflow-wrap: normal; }
        .free { min-width: 7.5em; overflow-wrap: anywhere; }
        .strong { font-weight: 700; }
        .indented { padding-left: 1.25rem !important; }
        .detail { display: block; font-size: .88rem; font-weight: 400; }
        .small { font-size: .82rem; }
        .small th, .small td { padding: .3rem .45rem; }
        .small th:first-child { padding-left: .6rem; }
        .marked > :first-child { box-shadow: inset 3px 0 var(--inconclusive); }
        .narrow { width: auto; min-width: 20rem; }
        .excluded td, .excluded th { color: var(--muted); font-style: italic; }

        .criteria .name { display: block; font-weight: 700; }
        .criteria .head > * { border-bottom: 0; padding-top: .9rem; }
        .criteria .stratum > * { border-bottom: 0; padding-top: .15rem; padding-bottom: .15rem; }
        .criteria .stratum th { padding-left: 1.25rem; }
        .criteria .drawing td { padding: .25rem 0 .9rem; }
        .criteria { min-width: 40rem; table-layout: fixed; }
        .criteria thead th { width: 15%; }
        .criteria thead th:first-child { width: 31%; }
        .criteria thead th:nth-child(3) { width: 22%; }
        .criteria thead th:nth-child(4) { width: 11%; }
        .criteria thead th:last-child { width: 21%; }
        .criteria td.number { overflow-wrap: anywhere; white-space: normal; }
        .criteria th { overflow-wrap: anywhere; }
        .ledger { min-width: 48rem; }
        svg.intervals, svg.strip, svg.trace { display: block; width: 100%; height: auto; overflow: visible; }
        svg text { fill: var(--ink); font-size: 12px; font-variant-numeric: tabular-nums;
          paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
        svg .tick { fill: var(--muted); font-size: 11px; stroke: none; }
        svg .bound { fill: var(--muted); }
        svg .estimate, svg .limit, svg .name { font-weight: 650; }
        svg .limit { fill: var(--accent); }
        .axis { stroke: var(--muted); stroke-width: 1; }
        .grid { stroke: var(--line); stroke-width: 1; stroke-dasharray: 2 3; }
        .good { fill: var(--good); }
        .threshold { stroke: var(--accent); stroke-width: 2; }
        .median { stroke: var(--muted); stroke-width: 1.5; stroke-dasharray: 4 3; }
        .bar { stroke: var(--tone); stroke-width: 4; }
        .cap { stroke: var(--ink); stroke-width: 1.5; }
        .arrow { fill: var(--ink); }
        .mark { fill: var(--tone); stroke: var(--paper); stroke-width: 1.5; }
        .mark.fail { fill: none; stroke: var(--tone); stroke-width: 3; stroke-linecap: round; }
        .halo { fill: none; stroke: var(--paper); stroke-width: 7; stroke-linecap: round; }
        .mark.inconclusive, .mark.plain { fill: var(--paper); stroke: var(--tone); stroke-width: 2.5; }
        .dot { fill: var(--accent); }
        .course { fill: var(--accent); fill-opacity: .28; stroke: var(--accent); stroke-width: 1.4;
          stroke-linejoin: round; }
        .bar-mark { fill: var(--accent); }
        .course.other { fill: var(--fail); stroke: var(--fail); }
        .bar-mark.other { fill: var(--fail); }
        .course.excluded { fill: none; stroke: var(--muted); stroke-dasharray: 3 2; }
        .bar-mark.excluded { fill: var(--paper); stroke: var(--muted); stroke-width: 1.2; }
        .level { stroke: var(--fail); stroke-width: 2; stroke-dasharray: 7 4; }
        svg .limit.safety { fill: var(--fail); }
        .ended { fill: var(--accent); }
        .hollow { fill: none; stroke: var(--muted); stroke-width: 1; }
        .hatch-hole-ground { fill: var(--faint); }
        .hatch-hole { fill: none; stroke: var(--muted); stroke-width: 1.2; }
        .hatch-other-ground { fill: var(--paper); }
        .hatch-other { fill: none; stroke: var(--fail); stroke-width: 1.8; }
        .patterns { position: absolute; width: 0; height: 0; }
        .legend { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: 0 0 .75rem; padding: 0;
          color: var(--muted); font-size: .85rem; list-style: none; }
        .legend li { display: inline-flex; align-items: center; gap: .5em; }
        .key { flex: none; width: 24px; height: 14px; }
        .cross { fill: none; stroke: var(--fail); stroke-width: 2; stroke-linecap: round; }
        figure { margin: 1.25rem 0; }
        figcaption strong { color: var(--ink); }
        details { margin-top: 1.25rem; }
        summary { margin-bottom: .5rem; cursor: pointer; font-weight: 600; }

        @media screen and (max-width: 40rem) {
          /* Drawings keep the size of their letters, and scroll. */
          figure { overflow-x: auto; }
          svg.strip, svg.trace { min-width: 36rem; }
          main { padding: 1.25rem 1rem 3rem; }
          .verdict h2 { font-size: 2.2rem; }
          .digests div { grid-template-columns: 1fr; gap: 0; }
        }
        @media (prefers-contrast: more) { :root { --muted: var(--ink); --line: var(--ink); } }
        @media print {
          @page { size: A4; margin: 15mm 14mm 16mm;
            @bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt; } }
          :root { font-size: 9.5pt; }
          body { font-size: 1rem; line-height: 1.4; }
          main { max-width: none; padding: 0; }
          h1 { font-size: 19pt; margin-bottom: 9pt; }
          h2 { font-size: 13pt; margin-top: 16pt; }
          h2, h3, .intro, .legend, caption, figcaption, summary, thead, thead tr { break-after: avoid; }
          p { break-inside: avoid; }
          .verdict { print-color-adjust: exact; break-inside: avoid; }
          .verdict h2 { font-size: 30pt; margin: 0; }
          .verdict .meaning { margin-bottom: .5rem; }
          table { font-size: .93rem; } .small { font-size: .82rem; } .digests dd, .digest { font-size: .78rem; }
          .criteria, .ledger { min-width: 0; }
          td.digest { min-width: 0; }
          .criteria svg.intervals { width: 88%; }
          .scroll { overflow: visible; }
          thead { display: table-header-group; }
          .criteria thead { display: table-row-group; }
          .unseen { display: none; }
          .scroll, .scroll > table, .criteria thead tr { break-before: avoid; }
          tr, figure, li, .criteria tbody, .pairs:not(.digests), .digests div { break-inside: avoid; }
          .notice { break-inside: avoid; }
        }

        """
}
