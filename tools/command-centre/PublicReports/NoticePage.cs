using System.Text;

namespace EdgeAgent.CommandCentre.PublicReports;

/// <summary>docs/public-notice.md with its blanks filled in, as a poster: one A4 page a language. Reads the few marks that the text uses.</summary>
internal static class NoticePage
{
    private const string Css = """
        :root { color-scheme: light; }
        * { box-sizing: border-box; }
        body { margin: 0; background: #e9ecf0; color: #14202e; font: 15px/1.5 "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif;
          -webkit-print-color-adjust: exact; print-color-adjust: exact; }
        section { width: 210mm; height: 297mm; margin: 8mm auto; background: #fff; padding: 0 14mm 12mm; display: flex; flex-direction: column; overflow: hidden; }
        header { background: #12304f; color: #fff; margin: 0 -14mm 5mm; padding: 9mm 14mm 7mm; } h1 { font-size: 34px; line-height: 1.2; margin: 0 0 2.5mm; }
        header p { margin: 0; font-size: 16px; line-height: 1.5; } main { columns: 2; column-gap: 9mm; column-fill: balance; }
        article { margin: 0 0 4.5mm; } li { break-inside: avoid; } h2 { break-after: avoid; } h2 { font-size: 19px; line-height: 1.3; margin: 0 0 1.5mm; padding-bottom: 1mm; border-bottom: 2px solid #12304f; color: #12304f; }
        ul { margin: 0; padding-left: 4.5mm; } li { margin: 0 0 1.3mm; overflow-wrap: anywhere; } [lang=en] li { line-height: 1.4; font-size: 13.5px; } [lang=en] h1 { font-size: 30px; } [lang=en] header p { font-size: 14.5px; }
        footer { margin-top: auto; padding-top: 3mm; border-top: 1px solid #b6c0cc; text-align: right; font-weight: 600; }
        @page { size: A4; margin: 0; }
        @media print { body { background: #fff; } section { margin: 0; break-after: page; } section:last-child { break-after: auto; } }
        """;

    public static string Text { get; } = ReadText();

    public static string Render(string authority, string contact, string date)
    {
        var html = new StringBuilder();
        var pages = Text.Split("\n# ").Select(page => page.TrimStart('#', ' ')).ToList();
        for (var at = 0; at < pages.Count; at++)
            html.Append(Page(pages[at], at == 0 ? "zh-CN" : "en"));
        return HtmlPage.Document("警车摄像告知 Cameras on this police car", "", PageLanguage.Both, Css, Filled(html.ToString(), authority, contact, date));
    }

    // Once over the finished page: what is filled in can bring no blank of its own, and is escaped whatever it holds.
    private static string Filled(string html, string authority, string contact, string date)
    {
        var filled = new StringBuilder();
        foreach (var part in html.Split('{'))
        {
            var end = part.IndexOf('}');
            _ = end < 0 ? filled.Append(part) : filled.Append(HtmlPage.Escape(Value(part[..end]))).Append(part.AsSpan(end + 1));
        }
        return filled.ToString();

        string Value(string name) => name switch
        {
            "authority" => authority,
            "contact" => contact,
            "date" => date,
            _ => throw new InvalidOperationException($"The notice has a blank '{name}' that nobody fills in."),
        };
    }

    private static string Page(string text, string language)
    {
        var html = new StringBuilder($"<section lang=\"{language}\">\n<header>");
        var (opened, lines) = ("", text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        html.Append($"<h1>{HtmlPage.Escape(lines[0])}</h1>\n<p>{HtmlPage.Escape(lines[1])}</p></header>\n<main>\n");
        foreach (var line in lines[2..^1])
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                html.Append($"{opened}<article><h2>{HtmlPage.Escape(line[3..])}</h2><ul>\n");
                opened = "</ul></article>\n";
            }
            else
                html.Append($"<li>{HtmlPage.Escape(line.TrimStart('-', ' '))}</li>\n");
        }
        return html.Append($"{opened}</main>\n<footer>{HtmlPage.Escape(lines[^1])}</footer>\n</section>\n").ToString();
    }

    private static string ReadText()
    {
        using var stream = typeof(NoticePage).Assembly.GetManifestResourceStream("public-notice.md")
            ?? throw new InvalidOperationException("The notice is not built into this program.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().Trim();
    }
}
