using System.Data;
using System.Data.Common;
using System.Diagnostics;
using System.Threading.Channels;
using EdgeAgent.CommandCentre.Hosting;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>
/// The server's one writer. Works that wait at the same time share one transaction and so one sync of the disk; one that fails
/// takes no other with it. A returned task means: on disk. A work may be run again when its transaction was rolled back, so it
/// changes nothing but the database.
/// </summary>
internal sealed class CommitQueue : IAsyncDisposable
{
    private const int MostWaiting = 4096;
    private const int MostPerCommit = 256;
    private const int MostAttempts = 8;

    private readonly CentreDatabase database;
    private readonly Channel<Job> jobs = Channel.CreateBounded<Job>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly Task running;
    private DbConnection? connection;

    public CommitQueue(CentreDatabase database)
    {
        this.database = database;
        running = Task.Run(RunAsync);
    }

    /// <summary>Commits so far; several works may have shared one.</summary>
    public long Commits { get; private set; }

    /// <summary>Raised after a commit of what is not one unit's own, on the writer's thread: return at once.</summary>
    public event Action? EverythingCommitted;

    /// <exception cref="DbException">The disk would not take it; nothing of the work is stored.</exception>
    /// <exception cref="ChannelClosedException">The centre is stopping.</exception>
    public Task<T> CommitAsync<T>(Func<DbTransaction, T> work, CancellationToken cancellation = default) =>
        EnqueueAsync(new Job<T>(work, true, null), cancellation);

    /// <summary>For what is one unit's own (its events and lanes) and nothing else: gateways do not wait for each other with it.</summary>
    /// <inheritdoc cref="CommitAsync{T}(Func{DbTransaction, T}, CancellationToken)"/>
    public Task<T> CommitOfUnitAsync<T>(string unitId, Func<DbTransaction, T> work, CancellationToken cancellation = default) =>
        EnqueueAsync(new Job<T>(work, false, unitId), cancellation);

    /// <summary>For what is one unit's own and touches other things as well.</summary>
    /// <inheritdoc cref="CommitAsync{T}(Func{DbTransaction, T}, CancellationToken)"/>
    public Task<T> CommitWithUnitAsync<T>(string unitId, Func<DbTransaction, T> work, CancellationToken cancellation = default) =>
        EnqueueAsync(new Job<T>(work, true, unitId), cancellation);

    private async Task<T> EnqueueAsync<T>(Job<T> job, CancellationToken cancellation)
    {
        await jobs.Writer.WriteAsync(job, cancellation);
        return await job.Done;
    }

    private async Task RunAsync()
    {
        var batch = new List<Job>(MostPerCommit);
        while (await jobs.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MostPerCommit && jobs.Reader.TryRead(out var job))
                batch.Add(job);
            Commit(batch);
        }
    }

    private void Commit(List<Job> batch)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var scope = new WriteScope(batch.Exists(job => job.Everything), [.. batch.Select(job => job.UnitId).OfType<string>().Distinct()]);
            // Works seldom fail, so a savepoint around each is set only when one did: they cost a round trip each elsewhere.
            var apart = false;
            for (var attempt = 1; !TryCommit(batch, scope, apart, last: attempt == MostAttempts); attempt++)
                apart = true;
            Commits++;
            CentreMeter.Committed(started, batch.Count);
        }
        // Whatever it was, these works were not stored and say so, and the writer goes on: a server without one would stand still.
#pragma warning disable CA1031
        catch (Exception e)
#pragma warning restore CA1031
        {
            Disconnect();
            foreach (var job in batch)
                job.Fail(e);
            return;
        }
        foreach (var job in batch)
            job.Complete();
        if (batch.Exists(job => job.Everything))
            EverythingCommitted?.Invoke();
    }

    /// <returns>False: rolled back whole, to be done again with the works kept apart.</returns>
    private bool TryCommit(List<Job> batch, WriteScope scope, bool apart, bool last)
    {
        try
        {
            using var transaction = Begin(scope);
            foreach (var job in batch)
            {
                if (apart)
                    transaction.Save("job");
                var failure = job.Run(transaction);
                if (failure is not null && !apart)
                    return false;
                if (failure is not null && database.IsConflict(failure))
                    throw failure;
                if (failure is not null)
                    transaction.Rollback("job");
                if (apart)
                    transaction.Release("job");
            }
            transaction.Commit();
            return true;
        }
        catch (DbException e) when (!last && database.IsConflict(e))
        {
            return false;
        }
    }

    /// <summary>A server that was away for a while leaves a dead connection behind: one more is tried before the works fail.</summary>
    private DbTransaction Begin(WriteScope scope)
    {
        if (connection is { State: ConnectionState.Open })
        {
            try
            {
                return database.BeginWrite(connection, scope);
            }
            catch (DbException) when (connection.State != ConnectionState.Open)
            {
                // Nothing was written yet.
            }
        }
        Disconnect();
        connection = database.Connect();
        return database.BeginWrite(connection, scope);
    }

    private void Disconnect()
    {
        var former = connection;
        connection = null;
        try
        {
            former?.Dispose();
        }
        catch (Exception e) when (e is DbException or InvalidOperationException)
        {
            // It was broken; it is gone either way.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _ = jobs.Writer.TryComplete();
        await running;
        Disconnect();
    }

    private abstract class Job(bool everything, string? unitId)
    {
        public bool Everything => everything;

        public string? UnitId => unitId;

        /// <returns>What the work threw; null when it is done.</returns>
        public abstract Exception? Run(DbTransaction transaction);

        public abstract void Complete();

        public abstract void Fail(Exception error);
    }

    private sealed class Job<T>(Func<DbTransaction, T> work, bool everything, string? unitId) : Job(everything, unitId)
    {
        private readonly TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T result = default!;
        private Exception? failed;

        public Task<T> Done => done.Task;

        public override Exception? Run(DbTransaction transaction)
        {
            failed = null;
            try
            {
                result = work(transaction);
            }
            // Whatever the work threw is its caller's; the others of this commit go on.
#pragma warning disable CA1031
            catch (Exception e)
#pragma warning restore CA1031
            {
                failed = e;
            }
            return failed;
        }

        public override void Complete()
        {
            if (failed is null)
                _ = done.TrySetResult(result);
            else
                _ = done.TrySetException(failed);
        }

        public override void Fail(Exception error) => done.TrySetException(failed ?? error);
    }
}
