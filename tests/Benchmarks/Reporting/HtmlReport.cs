using System.Text;

namespace EdgeAgent.Benchmarks.Reporting;

/// <summary>
/// One page that holds everything it shows: no scripts and nothing from elsewhere, so that it can be mailed, kept and opened years
/// later. All text given is escaped. Pictures of people and names have no place in it.
/// </summary>
internal sealed class HtmlReport(string title)
{
    private const string Style = """
        :root { color-scheme: light dark; --ink: #1b1f24; --soft: #5a636e; --page: #fff; --grid: #d8dde3; --track: #eef1f4;
          --s1: #0b62c4; --s2: #c43d0b; --s3: #1a7f37; --s4: #8250df; --s5: #9a6700; --s6: #5a636e; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #9aa4af; --page: #14171b; --grid: #343a42; --track: #22272e;
          --s1: #6cb0ff; --s2: #ff9a6b; --s3: #5cd17f; --s4: #c7a6ff; --s5: #e6bd57; --s6: #9aa4af; } }
        body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); }
        h1 { font-size: 1.7rem; } h2 { font-size: 1.25rem; margin-top: 2.2rem; } p { max-width: 46rem; }
        .wide { overflow-x: auto; } figure { margin: 1rem 0; max-width: 46rem; } figcaption, caption { color: var(--soft); text-align: left; font-size: .92rem; }
        table { border-collapse: collapse; margin: 1rem 0; } th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--grid); text-align: right; font-variant-numeric: tabular-nums; }
        th:first-child, td:first-child { text-align: left; } th { color: var(--soft); font-weight: 600; }
        svg { width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
        .grid { stroke: var(--grid); } .strong { stroke: var(--soft); stroke-dasharray: 4 4; } .track { fill: var(--track); }
        .whisker { stroke: var(--ink); stroke-width: 1.5; } .line { fill: none; stroke-width: 2; } .area { fill-opacity: .3; } .line.s2 { stroke-dasharray: 8 3; }
        .line.s3 { stroke-dasharray: 2 3; } .line.s4 { stroke-dasharray: 10 3 2 3; } .line.s5 { stroke-dasharray: 5 5; } .line.s6 { stroke-dasharray: 1 4; }
        .line.s1 { stroke: var(--s1); } .line.s2 { stroke: var(--s2); } .line.s3 { stroke: var(--s3); } .line.s4 { stroke: var(--s4); } .line.s5 { stroke: var(--s5); } .line.s6 { stroke: var(--s6); }
        .area.s1, .dot.s1 { fill: var(--s1); } .area.s2, .dot.s2 { fill: var(--s2); } .area.s3 { fill: var(--s3); } .area.s4 { fill: var(--s4); } .area.s5 { fill: var(--s5); } .area.s6 { fill: var(--s6); }
        """;

    private readonly StringBuilder _body = new();

    public HtmlReport Section(string heading)
    {
        _body.Append($"<h2>{Drawing.Escape(heading)}</h2>\n");
        return this;
    }

    public HtmlReport Text(string paragraph)
    {
        _body.Append($"<p>{Drawing.Escape(paragraph)}</p>\n");
        return this;
    }

    /// <param name="caption">What the table says and over how many.</param>
    /// <param name="columns">Headings; the first column names the rows.</param>
    /// <param name="rows">As many cells each as there are columns.</param>
    public HtmlReport Table(string caption, string[] columns, params IEnumerable<string[]> rows)
    {
        _body.Append($"<div class=\"wide\"><table><caption>{Drawing.Escape(caption)}</caption>\n<thead><tr>");
        foreach (string column in columns)
            _body.Append($"<th scope=\"col\">{Drawing.Escape(column)}</th>");
        _body.Append("</tr></thead>\n<tbody>\n");
        foreach (string[] row in rows)
        {
            if (row.Length != columns.Length)
                throw new ArgumentException($"a row of {row.Length} cells in a table of {columns.Length} columns", nameof(rows));
            _body.Append("<tr>");
            foreach (string cell in row)
                _body.Append($"<td>{Drawing.Escape(cell)}</td>");
            _body.Append("</tr>\n");
        }
        _body.Append("</tbody></table></div>\n");
        return this;
    }

    /// <param name="svg">From <see cref="Charts"/>; the one thing that is not escaped.</param>
    public HtmlReport Chart(string caption, string svg)
    {
        _body.Append($"<figure>{svg}<figcaption>{Drawing.Escape(caption)}</figcaption></figure>\n");
        return this;
    }

    /// <summary>Writes the page, with the folders that its path names.</summary>
    /// <exception cref="InputException">It cannot be written there.</exception>
    public void Save(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.WriteAllText(path, ToString());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The report cannot be written to {path}: {e.Message}");
        }
    }

    public override string ToString() => $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>{Drawing.Escape(title)}</title>
        <style>
        {Style}
        </style>
        </head>
        <body>
        <h1>{Drawing.Escape(title)}</h1>
        {_body}</body>
        </html>

        """;
}
