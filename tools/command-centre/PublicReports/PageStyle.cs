namespace EdgeAgent.CommandCentre.PublicReports;

/// <summary>How pages for the public look: on screens by day and night, and on A4.</summary>
internal static class PageStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --page: #fff; --grid: #d8dde3; --tile: #f3f5f8; --warn: #8a4b00;
          --s1: #0b62c4; --s2: #c4480b; --s3: #8b95a1; }
        @media screen and (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #9aa4af; --page: #14171b; --grid: #343a42; --tile: #1e2329; --warn: #f0b45a;
          --s1: #6cb0ff; --s2: #ff9a6b; --s3: #8b95a1; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.5rem; font: 15px/1.55 "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif;
          color: var(--ink); background: var(--page); -webkit-print-color-adjust: exact; print-color-adjust: exact; }
        h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 .6rem; } h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.2rem 0 .6rem; padding-top: .6rem; border-top: 2px solid var(--ink); }
        .both h1 [lang=en], .both h2 [lang=en] { display: block; font-size: .72em; font-weight: 500; color: var(--soft); }
        .both p [lang=en], .both li [lang=en] { display: block; color: var(--soft); font-size: .93em; }
        .both th [lang=en], .both td [lang=en], .both dt [lang=en], .both caption [lang=en], .both figcaption [lang=en] { display: block; font-size: .86em; font-weight: 400; color: var(--soft); line-height: 1.3; }
        p { max-width: 48rem; margin: .6rem 0; } .meta { color: var(--soft); margin: 0; } .banner { border-left: 4px solid var(--warn); padding: .5rem .9rem; background: var(--tile); }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.4rem, 1fr)); gap: .7rem; margin: 1.2rem 0; }
        .tiles div { background: var(--tile); border-radius: .5rem; padding: .7rem .9rem; } .tiles .wide { grid-column: span 2; } dl, dt, dd { margin: 0; }
        dt { font-size: .88rem; } dd { font-size: 1.55rem; font-weight: 650; font-variant-numeric: tabular-nums; line-height: 1.35; } dd small { font-size: .8rem; font-weight: 400; color: var(--soft); display: block; }
        .scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; margin: .8rem 0 1.2rem; font-size: .93rem; }
        caption, figcaption { text-align: left; color: var(--ink); font-weight: 600; padding: .2rem 0; } figcaption { font-size: .93rem; }
        th, td { padding: .32rem .6rem .32rem 0; border-bottom: 1px solid var(--grid); text-align: right; vertical-align: top; font-variant-numeric: tabular-nums; }
        th:first-child, td:first-child { text-align: left; } thead th { font-weight: 600; vertical-align: bottom; } tr.sum td { font-weight: 650; border-bottom: 2px solid var(--grid); }
        table.pairs { max-width: 34rem; }
        figure { margin: 1rem 0; } svg { width: 100%; height: auto; display: block; } svg text { font: 11.5px "Noto Sans CJK SC", "Noto Sans SC", system-ui, sans-serif; fill: var(--ink); }
        .grid { stroke: var(--grid); } .line { fill: none; stroke-width: 2; } .whisker { stroke: var(--ink); stroke-width: 1.3; }
        .s1 { fill: var(--s1); stroke: var(--s1); } .s2 { fill: var(--s2); stroke: var(--s2); } .s3 { fill: var(--s3); stroke: var(--s3); } .bar { stroke-width: 0; }
        .hidden { fill-opacity: .16; stroke-width: 1; stroke-dasharray: 2 2; } ul { padding-left: 1.2rem; max-width: 48rem; } li { margin: .35rem 0; }
        @page { size: A4; margin: 14mm; }
        @media print { body { padding: 0; max-width: none; font-size: 10.5pt; } .scroll { overflow: visible; } figure, table, .tiles { break-inside: avoid; } h2, caption { break-after: avoid; } }
        """;
}
