using System.Net;
using System.Text;

namespace EdgeAgent.CommandCentre.PublicReports;

/// <summary>
/// One page that holds all it shows: no script, nothing from elsewhere, so that it can be printed, mailed and opened years later. All
/// text given is escaped.
/// </summary>
internal sealed class HtmlPage(Words title, PageLanguage language)
{
    private readonly StringBuilder body = new();

    public HtmlPage Heading(Words words) => Append($"<h1>{Html(words)}</h1>\n");

    public HtmlPage Section(Words words) => Append($"<h2>{Html(words)}</h2>\n");

    public HtmlPage Text(Words words, string style = "") => Append($"<p{(style.Length > 0 ? $" class=\"{style}\"" : "")}>{Html(words)}</p>\n");

    public HtmlPage Points(params IEnumerable<Words> points) => Append($"<ul>{string.Concat(points.Select(point => $"<li>{Html(point)}</li>\n"))}</ul>\n");

    /// <summary>The numbers that most readers come for.</summary>
    public HtmlPage Tiles(params IEnumerable<(Words Name, string Value, string Small)> tiles)
    {
        body.Append("<dl class=\"tiles\">\n");
        foreach (var (name, value, small) in tiles)
        {
            var wide = small.Length > 0;
            Append($"<div{(wide ? " class=\"wide\"" : "")}><dt>{Html(name)}</dt><dd>{Escape(value)}{(wide ? $"<small>{Escape(small)}</small>" : "")}</dd></div>\n");
        }
        return Append("</dl>\n");
    }

    /// <param name="rows">As many cells each as there are columns; the first names the row. A sum stands out.</param>
    public HtmlPage Table(Words caption, Words[] columns, params IEnumerable<(Words[] Cells, bool IsSum)> rows)
    {
        // Name and number stand close, or the eye loses the line.
        Append($"<div class=\"scroll\"><table{(columns.Length == 2 ? " class=\"pairs\"" : "")}><caption>{Html(caption)}</caption>\n<thead><tr>");
        foreach (var column in columns)
            Append($"<th scope=\"col\">{Html(column)}</th>");
        body.Append("</tr></thead>\n<tbody>\n");
        foreach (var (cells, isSum) in rows)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(cells.Length, columns.Length);
            Append($"<tr{(isSum ? " class=\"sum\"" : "")}>{string.Concat(cells.Select(cell => $"<td>{Html(cell)}</td>"))}</tr>\n");
        }
        return Append("</tbody></table></div>\n");
    }

    /// <param name="svg">From <see cref="UsageCharts"/>; the one thing that is not escaped here.</param>
    public HtmlPage Chart(Words caption, string svg) => Append($"<figure><figcaption>{Html(caption)}</figcaption>{svg}</figure>\n");

    public override string ToString() => Document(Escape(title.In(language)), language == PageLanguage.Both ? "both" : "", language, PageStyle.Css, body.ToString());

    /// <param name="html">Escaped already.</param>
    public static string Document(string title, string style, PageLanguage language, string css, string html) => $"""
        <!doctype html>
        <html lang="{(language == PageLanguage.En ? "en" : "zh-CN")}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>{title}</title>
        <style>
        {css}
        </style>
        </head>
        <body class="{style}">
        {html}</body>
        </html>

        """;

    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    private string Html(Words words) => language switch
    {
        PageLanguage.Both when words.Zh != words.En => $"<span lang=\"zh-CN\">{Escape(words.Zh)}</span> <span lang=\"en\">{Escape(words.En)}</span>",
        PageLanguage.En => Escape(words.En),
        _ => Escape(words.Zh),
    };

    private HtmlPage Append(string html)
    {
        body.Append(html);
        return this;
    }
}
