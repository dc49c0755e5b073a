using System.Data.Common;
using System.Diagnostics;
using System.Threading.Channels;
using EdgeAgent.CommandCentre.Hosting;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>
/// The server's one writer. Works that wait at the same time share one transaction and so one sync of the disk; each runs in a
/// savepoint of its own, so that one that fails takes no other with it. A returned task means: on disk.
/// </summary>
internal sealed class CommitQueue : IAsyncDisposable
{
    private const int MostWaiting = 4096;
    private const int MostPerCommit = 256;

    private readonly DbConnection connection;
    private readonly Channel<Job> jobs = Channel.CreateBounded<Job>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly Task running;

    public CommitQueue(CentreDatabase database)
    {
        connection = database.Connect();
        running = Task.Run(RunAsync);
    }

    /// <summary>Commits so far; several works may have shared one.</summary>
    public long Commits { get; private set; }

    /// <exception cref="DbException">The disk would not take it; nothing of the work is stored.</exception>
    /// <exception cref="ChannelClosedException">The centre is stopping.</exception>
    public async Task<T> CommitAsync<T>(Func<DbTransaction, T> work, CancellationToken cancellation = default)
    {
        var job = new Job<T>(work);
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
            using var transaction = connection.BeginTransaction();
            foreach (var job in batch)
            {
                transaction.Save("job");
                if (!job.TryRun(transaction))
                    transaction.Rollback("job");
                transaction.Release("job");
            }
            transaction.Commit();
            Commits++;
            CentreMeter.Committed(started, batch.Count);
        }
        catch (Exception e) when (e is DbException or InvalidOperationException)
        {
            foreach (var job in batch)
                job.Fail(e);
            return;
        }
        foreach (var job in batch)
            job.Complete();
    }

    public async ValueTask DisposeAsync()
    {
        _ = jobs.Writer.TryComplete();
        await running;
        await connection.DisposeAsync();
    }

    private abstract class Job
    {
        public abstract bool TryRun(DbTransaction transaction);

        public abstract void Complete();

        public abstract void Fail(Exception error);
    }

    private sealed class Job<T>(Func<DbTransaction, T> work) : Job
    {
        private readonly TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T result = default!;
        private Exception? failed;

        public Task<T> Done => done.Task;

        public override bool TryRun(DbTransaction transaction)
        {
            try
            {
                result = work(transaction);
                return true;
            }
            // Whatever the work threw is its caller's; the others of this commit go on.
#pragma warning disable CA1031
            catch (Exception e)
#pragma warning restore CA1031
            {
                failed = e;
                return false;
            }
        }

        public override void Complete()
        {
            if (failed is null)
                done.SetResult(result);
            else
                done.SetException(failed);
        }

        public override void Fail(Exception error) => done.SetException(failed ?? error);
    }
}
