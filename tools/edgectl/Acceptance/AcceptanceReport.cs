using System.Globalization;
using System.Net;
using System.Text;

namespace EdgeAgent.Edgectl.Acceptance;

/// <summary>One page for people: the verdict, what is wrong and what to do, the pictures, what was measured. Chinese first; prints on A4.</summary>
internal static class AcceptanceReport
{
    private const string Style = """
        @page{size:A4;margin:12mm}
        *{box-sizing:border-box}body{font:14px/1.45 "Noto Sans CJK SC","Noto Sans SC","Microsoft YaHei",sans-serif;color:#12181f;margin:0 auto;max-width:960px;padding:16px}
        header{display:flex;align-items:center;gap:16px;border-bottom:3px solid #12181f;padding-bottom:10px}h1{font-size:22px;margin:0}h2{font-size:16px;margin:16px 0 6px}
        .verdict{font-size:26px;font-weight:700;padding:6px 18px;border-radius:8px;color:#fff;margin-left:auto}.good{background:#0b6b3a}.bad{background:#a31621}
        small,.en{color:#4a5560}.en{display:block;font-size:12px}
        ul{list-style:none;padding:0;margin:0}.finding{border-left:6px solid #a31621;background:#fbeeee;padding:8px 12px;margin:6px 0;break-inside:avoid}
        .finding.mild{border-color:#946200;background:#fdf6e5}.finding b{font-size:15px}
        table{border-collapse:collapse;width:100%;font-size:13px}td,th{border:1px solid #c7ced6;padding:3px 8px;text-align:left;vertical-align:top}th{background:#eef1f4;font-weight:600}
        .name{white-space:nowrap}.many{columns:2}
        .shots{display:grid;grid-template-columns:repeat(4,1fr);gap:8px}figure{margin:0;break-inside:avoid}figure img{width:100%;border:1px solid #c7ced6;display:block}figcaption{font-size:12px}
        .sign{display:flex;gap:40px;margin-top:22px}.sign div{border-top:1px solid #12181f;padding-top:4px;flex:1;font-size:12px}
        """;

    public static string Page(string unitId, string technician, string software, DateTimeOffset at, IReadOnlyList<CheckOutcome> outcomes)
    {
        bool accepted = !outcomes.Any(o => o.IsGrave);
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            <!doctype html><html lang="zh"><head><meta charset="utf-8"><title>{Safe(unitId)} 验收 {at:yyyy-MM-dd}</title><style>{Style}</style></head><body>
            <header><div><h1>车载主机验收报告 <small>Acceptance of a field unit</small></h1>
            <div>{Safe(unitId)} · {at.ToLocalTime():yyyy-MM-dd HH:mm} · {Safe(technician)} · {Safe(software)}</div></div>
            <div class="verdict {(accepted ? "good" : "bad")}">{(accepted ? "合格" : "不合格")}<span class="en" style="color:#fff">{(accepted ? "Accepted" : "Not accepted")}</span></div></header>
            """);
        Findings(page, outcomes);
        Shots(page, [.. outcomes.SelectMany(o => o.Shots).OrderBy(s => s.CameraId, StringComparer.Ordinal)]);
        Measures(page, outcomes);
        Parts(page, outcomes);
        page.Append("""<div class="sign"><div>技术员 Technician</div><div>接收人 Received by</div></div></body></html>""");
        return page.ToString();
    }

    private static void Findings(StringBuilder page, IReadOnlyList<CheckOutcome> outcomes)
    {
        var findings = outcomes.SelectMany(o => o.Findings).OrderByDescending(f => f.Fault.IsGrave).ToList();
        if (findings.Count == 0)
        {
            page.Append("<h2>没有发现问题 <small>Nothing is wrong</small></h2>");
            return;
        }
        page.Append("<h2>需要处理 <small>What to do</small></h2><ul>");
        foreach (var finding in findings)
        {
            string about = finding.About.Length > 0 ? $" · {Safe(finding.About)}" : "", detail = finding.Detail.Length > 0 ? $" <small>{Safe(finding.Detail)}</small>" : "";
            page.Append(CultureInfo.InvariantCulture, $"""
                <li class="finding {(finding.Fault.IsGrave ? "" : "mild")}"><b>{finding.Fault.Zh}{about}</b>{detail}<br>{finding.Fault.DoZh}
                <span class="en">{Safe(finding.Fault.En)} {Safe(finding.Fault.DoEn)} ({finding.Fault.Code})</span></li>
                """);
        }
        page.Append("</ul>");
    }

    private static void Shots(StringBuilder page, IReadOnlyList<Shot> shots)
    {
        if (shots.Count == 0)
            return;
        page.Append("<h2>各摄像机画面：机位对不对？ <small>Does each picture show what its name says? Faces and plates are covered.</small></h2><div class=\"shots\">");
        foreach (var shot in shots)
            page.Append(CultureInfo.InvariantCulture, $"""<figure><img alt="{Safe(shot.Caption)}" src="data:image/jpeg;base64,{Convert.ToBase64String(shot.Jpeg)}"><figcaption>{Safe(shot.CameraId)} {Safe(shot.Caption)}</figcaption></figure>""");
        page.Append("</div>");
    }

    private static void Measures(StringBuilder page, IReadOnlyList<CheckOutcome> outcomes)
    {
        page.Append("<h2>检查项 <small>What was looked at</small></h2><table><tr><th></th><th>检查 Check</th><th>测得 Measured</th></tr>");
        foreach (var outcome in outcomes)
        {
            string measured = outcome.Skipped.Length > 0 ? "未检查 <small>not looked at</small>" : string.Join("<br>", outcome.Measures.OrderBy(m => m.En, StringComparer.Ordinal).Select(m => $"{Safe(m.Zh)} {Safe(m.Value)}"));
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{AcceptanceRun.Mark(outcome)}</td><td class='name'>{outcome.Title.Zh} <small>{outcome.Title.En}</small></td><td class='{(outcome.Measures.Count > 4 ? "many" : "few")}'>{measured}</td></tr>");
        }
        page.Append("</table>");
    }

    private static void Parts(StringBuilder page, IReadOnlyList<CheckOutcome> outcomes)
    {
        var parts = outcomes.SelectMany(o => o.Parts).ToList();
        if (parts.Count == 0)
            return;
        page.Append("<h2>部件 <small>Parts</small></h2><table><tr><th>部件 Part</th><th>型号 Model</th><th>序列号 Serial</th><th>固件 Firmware</th></tr>");
        foreach (var part in parts.OrderBy(p => (p.Kind, p.Place)))
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Safe($"{part.Kind} {part.Place}")}</td><td>{Safe(part.Model)}</td><td>{Safe(part.Serial)}</td><td>{Safe(part.Firmware)}</td></tr>");
        page.Append("</table>");
    }

    private static string Safe(string text) => WebUtility.HtmlEncode(text);
}
