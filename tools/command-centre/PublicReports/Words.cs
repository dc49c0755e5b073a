namespace EdgeAgent.CommandCentre.PublicReports;

/// <summary>What is said, in both languages.</summary>
internal readonly record struct Words(string Zh, string En)
{
    /// <summary>The same in both, such as a number.</summary>
    public static Words Same(string text) => new(text, text);

    public string In(PageLanguage language) => language switch
    {
        PageLanguage.Zh => Zh,
        PageLanguage.En => En,
        _ => Zh == En ? Zh : $"{Zh} {En}",
    };
}

internal enum PageLanguage
{
    Both,
    Zh,
    En,
}
