namespace EdgeAgent.CommandCentre.Containments;

/// <summary>
/// Which car goes to which post so that the last one arrives as early as can be: exact, by binary search over the times for the least one
/// that still allows as many posts to be taken as at all possible (augmenting paths); among those the least total (shortest augmenting
/// paths with potentials left out: the sizes are small). At most one car a post and one post a car.
/// </summary>
internal static class BottleneckAssignment
{
    /// <param name="times">By post and car; null where this car cannot go there. All rows of one length.</param>
    /// <returns>By post the car, or -1.</returns>
    public static int[] Of(IReadOnlyList<long?[]> times)
    {
        if (times.Count == 0 || times[0].Length == 0)
            return [.. times.Select(_ => -1)];
        var steps = times.SelectMany(row => row).OfType<long>().Distinct().Order().ToArray();
        var most = Matched(times, long.MaxValue);
        if (most == 0)
            return [.. times.Select(_ => -1)];
        var (low, high) = (0, steps.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Matched(times, steps[middle]) == most)
                high = middle;
            else
                low = middle + 1;
        }
        return Cheapest(times, steps[low]);
    }

    private static int Matched(IReadOnlyList<long?[]> times, long limit)
    {
        var postOf = Enumerable.Repeat(-1, times[0].Length).ToArray();
        var count = 0;
        for (var post = 0; post < times.Count; post++)
        {
            if (Find(times, limit, post, postOf, new bool[postOf.Length]))
                count++;
        }
        return count;
    }

    private static bool Find(IReadOnlyList<long?[]> times, long limit, int post, int[] postOf, bool[] seen)
    {
        for (var car = 0; car < postOf.Length; car++)
        {
            if (seen[car] || times[post][car] is not { } time || time > limit)
                continue;
            seen[car] = true;
            if (postOf[car] >= 0 && !Find(times, limit, postOf[car], postOf, seen))
                continue;
            postOf[car] = post;
            return true;
        }
        return false;
    }

    /// <summary>Grows the matching by the cheapest augmenting path until none is left: each size is then the cheapest of its size.</summary>
    private static int[] Cheapest(IReadOnlyList<long?[]> times, long limit)
    {
        var (carOf, postOf) = (Enumerable.Repeat(-1, times.Count).ToArray(), Enumerable.Repeat(-1, times[0].Length).ToArray());
        while (Path(times, limit, carOf, postOf) is { } path)
        {
            foreach (var (post, car) in path)
                (carOf[post], postOf[car]) = (car, post);
        }
        return carOf;
    }

    /// <summary>Bellman-Ford from all free posts; going back over a taken pair gives its time back.</summary>
    private static List<(int Post, int Car)>? Path(IReadOnlyList<long?[]> times, long limit, int[] carOf, int[] postOf)
    {
        var toPost = carOf.Select(car => car < 0 ? 0L : (long?)null).ToArray();
        var (toCar, from) = (new long?[postOf.Length], new int[postOf.Length]);
        for (var changed = true; changed;)
        {
            changed = false;
            for (var post = 0; post < toPost.Length; post++)
            {
                for (var car = 0; car < toCar.Length; car++)
                {
                    if (toPost[post] is not { } far || times[post][car] is not { } time || time > limit || carOf[post] == car || far + time >= (toCar[car] ?? long.MaxValue))
                        continue;
                    (toCar[car], from[car], changed) = (far + time, post, true);
                    if (postOf[car] >= 0)
                        toPost[postOf[car]] = far + time - times[postOf[car]][car];
                }
            }
        }
        var end = Enumerable.Range(0, toCar.Length).Where(car => postOf[car] < 0 && toCar[car] is not null).OrderBy(car => toCar[car]).Cast<int?>().FirstOrDefault();
        if (end is not { } last)
            return null;
        var path = new List<(int, int)>();
        for (var car = last; ;)
        {
            var post = from[car];
            path.Add((post, car));
            if (carOf[post] < 0)
                return path;
            car = carOf[post];
        }
    }
}
