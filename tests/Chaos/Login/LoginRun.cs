using System.Collections.Concurrent;
using System.Numerics;
using EdgeAgent.Agent.Officers;
using EdgeAgent.Agent.Officers.Face;
using EdgeAgent.Vision.Inference;

namespace EdgeAgent.Chaos.Login;

/// <summary>
/// Attacks and genuine logins, each drawn from the seed, its own number and its try, so that any one can be played again. Attackers and
/// officers alike try as often as the car allows before it locks; an officer stops when it worked.
/// </summary>
/// <param name="count">Attempts of attackers, and logins of officers.</param>
/// <param name="who">Half of a run takes half of the time; what is left out is not shown.</param>
internal sealed class LoginRun(string pictures, int count, int seed, bool tuning, Presented who, TextWriter progress)
{
    private const string Stranger = "Stranger";
    private const int MostPeople = 120, Tries = AttemptLock.Free;
    private static readonly AttackKind[] Kinds =
    [
        AttackKind.PrintStill, AttackKind.PrintTilted, AttackKind.PrintBent, AttackKind.PrintEyeHoles, AttackKind.ReplayStill, AttackKind.ReplayIdle,
        AttackKind.ReplaySweep,
    ];

    private static readonly string[] Unproven =
    [
        "Every presentation is drawn: heads are one picture each on an ellipsoid with a nose, lids are drawn down; nobody sat before a camera.",
        "The recapture model (print, screen, moire, glare, edges, a hand) is of our own making; real paper and real screens may look otherwise, also to the liveness network.",
        "An attacker who has clips of every act of that very officer and starts the right one in time (replay on cue) meets only the liveness network, which is weak: see on_cue.",
        "Masks, made-up faces and faces computed while the attack goes on (deepfakes) were not tried.",
        "The cab's own camera: infra-red, night, sun from behind, glasses that mirror, helmets, vibration of the road.",
        "Error rates of groups of people that LFW's press photographs do not show.",
        "Officers were enrolled from one press photograph and came with another, often years apart (not_known); the product enrols three to five pictures taken on purpose.",
    ];

    private readonly ModelStore models = ModelStore.Open();

    public LoginFigures Run(CancellationToken stop)
    {
        IReadOnlyList<Person> people = People.Read(models, pictures, tuning, MostPeople);
        if (people.Count < People.RosterSize)
            throw new ScenarioException($"{pictures} has {people.Count} people with two usable pictures in this half; {People.RosterSize} are needed.");
        progress.WriteLine($"  {people.Count} people, in cars of {People.RosterSize}");
        OfficerFaces[] cars = [.. people.Chunk(People.RosterSize).Select(crew => People.Roster(models, crew))];
        ConcurrentBag<Login> logins = [];
        string[] plan =
        [
            .. Enumerable.Repeat(nameof(Genuine), count),
            .. Enumerable.Range(0, (count + Tries - 1) / Tries).Select(i => Kinds[i % Kinds.Length].ToString()),
            .. Enumerable.Repeat(nameof(AttackKind.ReplayOnCue), Math.Max(1, count / 4 / Tries)),
            .. Enumerable.Repeat(Stranger, Math.Max(1, count / 4 / Tries)),
        ];
        using var attempts = new ThreadLocal<Attempt>(() => new Attempt(models), trackAllValues: true);
        int done = 0;
        // One at a time to each thread: some logins are five times as long as others.
        _ = Parallel.ForEach(
            Partitioner.Create(plan.Select((kind, index) => (kind, index)).Where(next => IsPresented(next.kind)), EnumerablePartitionerOptions.NoBuffering),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = stop }, next =>
            {
                logins.Add(Play(next.index, next.kind, people, cars, attempts.Value!));
                if (Interlocked.Increment(ref done) % 20 == 0)
                    progress.WriteLine($"  {done} of {plan.Length}");
            });
        foreach (Attempt attempt in attempts.Values)
            attempt.Dispose();
        return Figures([.. logins], people.Count);
    }

    /// <summary>Whoever comes, and how each of their tries ended.</summary>
    private sealed record Login(string Kind, string Claimed, IReadOnlyList<AttemptEnd> Tries)
    {
        public bool Accepted => Tries.Any(t => t.Code.Length == 0);

        /// <summary>Recognised as who they are.</summary>
        public bool Known => Tries.Any(t => t.Is(Claimed));
    }

    private bool IsPresented(string kind) => who == Presented.All || who == Presented.Officers == (kind == nameof(Genuine));

    private Login Play(int index, string kind, IReadOnlyList<Person> people, OfficerFaces[] cars, Attempt attempt)
    {
        int who = new Random(unchecked(seed * 1_000_003 + index)).Next(people.Count);
        // A stranger comes to a car that has never heard of them.
        int car = kind == Stranger ? (who / People.RosterSize + 1) % cars.Length : who / People.RosterSize;
        var ends = new List<AttemptEnd>();
        while (ends.Count < Tries && !(kind == nameof(Genuine) && ends.Any(e => e.Code.Length == 0)))
        {
            var random = new Random(unchecked((seed * 1_000_003 + index) * 31 + ends.Count));
            AttemptEnd end = attempt.Play(Present(kind, people[who].Comes, random), cars[car], JudgeLimits.Standard, random);
            if (kind == nameof(Genuine) && !end.Is(people[who].Comes.Name))
                progress.WriteLine($"  officer {who}, try {ends.Count + 1}: {end.Code} {end.At} ({end.Seen})");
            ends.Add(end);
        }
        return new Login(kind, people[who].Comes.Name, ends);
    }

    private static IPresentation Present(string kind, SourceFace face, Random random)
    {
        float width = 104 + 26 * random.NextSingle();
        var place = new Vector2(CabLens.Width / 2f + 36 * (random.NextSingle() - 0.5f), CabLens.Height / 2f + 4 + 14 * (random.NextSingle() - 0.5f));
        return kind is nameof(Genuine) or Stranger
            ? new Genuine(new LiveScene(face, width, place), new Performer(random))
            : new Attack(Enum.Parse<AttackKind>(kind), face, width, place, random);
    }

    private LoginFigures Figures(Login[] logins, int people)
    {
        KindFigures Of(params string[] kinds)
        {
            Login[] mine = [.. logins.Where(l => kinds.Contains(l.Kind))];
            AttemptEnd[] ends = [.. mine.SelectMany(l => l.Tries)];
            return new KindFigures(
                Counted.Make(ends.Length, ends.Count(e => e.Code.Length == 0)), Counted.Make(mine.Length, mine.Count(l => l.Accepted)),
                Tally(ends.Where(e => e.Code.Length > 0).Select(e => e.Code)));
        }
        KindFigures attacks = Of([.. Kinds.Select(k => k.ToString())]), onCue = Of(nameof(AttackKind.ReplayOnCue));
        GenuineFigures genuine = InPerson([.. logins.Where(l => l.Kind == nameof(Genuine))]);
        bool shown = who == Presented.All && LoginFigures.IsGoalShown(attacks, onCue, genuine);
        return new LoginFigures(
            "login", Path.GetFileName(pictures.TrimEnd('/')), tuning, seed, people, People.RosterSize, Tries,
            attacks, Kinds.ToDictionary(k => k.ToString(), k => Of(k.ToString())), onCue, Of(Stranger), genuine,
            JudgeLimits.Standard, shown, shown ? "unproven: shown on drawn presentations only; the PIN is asked too" : "unproven: the PIN is asked too",
            Unproven);
    }

    private static GenuineFigures InPerson(Login[] logins)
    {
        AttemptEnd[] first = [.. logins.Select(l => l.Tries[0])];
        return new GenuineFigures(
            Counted.Make(logins.Length, logins.Count(l => !l.Tries[0].Is(l.Claimed))), Counted.Make(logins.Length, logins.Count(l => !l.Known)),
            Counted.Make(logins.Length, first.Count(e => !e.Lived)), Counted.Make(logins.Length, logins.Count(l => l.Tries.All(t => !t.Lived))),
            Counted.Make(first.Count(e => e.Lived), logins.Count(l => l.Tries[0].Lived && !l.Tries[0].Is(l.Claimed))),
            Tally(first.Where(e => e.Code.Length > 0).Select(e => e.Code)), Tally(first.Where(e => !e.Lived).Select(e => $"{e.Code}: {e.At}")));
    }

    private static Dictionary<string, int> Tally(IEnumerable<string> words) =>
        words.GroupBy(w => w).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count());
}
