using System.CommandLine;
using EdgeAgent.Chaos;
using EdgeAgent.Chaos.Link;
using EdgeAgent.Chaos.Power;

var root = new RootCommand("Faults on purpose. Progress goes to standard error; the last line of standard output is one JSON object; exit code 1 when something was lost.")
{
    LinkCommand.Create(),
    PowerCommand.Create(),
    PowerCommand.CreateWriter(),
    CarPart.Create(),
    CentrePart.Create(),
};
ParseResult result = root.Parse(args);
return result.Errors.Count > 0 ? Verdict.Refuse(string.Join(" ", result.Errors.Select(e => e.Message))) : await result.InvokeAsync();
