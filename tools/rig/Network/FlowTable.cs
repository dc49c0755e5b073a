using System.Buffers.Binary;

namespace EdgeAgent.Rig.Network;

/// <summary>
/// The TCP flows that passed, both ways of a link: what a NAT or a proxy on the way remembers, and can forget. Without such
/// forgetting no test would show whether both ends notice a connection that is dead and says nothing.
/// </summary>
internal sealed class FlowTable
{
    /// <summary>Flows remembered; above it those that may pass are dropped from the table, never those forgotten.</summary>
    private const int MostFlows = 65_536;
    private const int Tcp = 6;
    private const int SmallestHeader = 20;
    private const byte SynAck = 0x12, Syn = 0x02;

    private readonly Lock gate = new();
    private readonly Dictionary<Flow, bool> forgottenByFlow = [];

    private readonly record struct Flow(uint Car, uint Centre, ushort CarPort, ushort CentrePort);

    /// <summary>Black-holes every flow seen so far, for ever; flows that begin later pass.</summary>
    /// <returns>How many.</returns>
    public int Forget()
    {
        lock (gate)
        {
            Flow[] known = [.. forgottenByFlow.Where(f => !f.Value).Select(f => f.Key)];
            foreach (Flow flow in known)
                forgottenByFlow[flow] = true;
            return known.Length;
        }
    }

    /// <summary>Notes the packet's flow. False: it was forgotten, so the packet must go nowhere.</summary>
    public bool Passes(ReadOnlySpan<byte> packet, bool up)
    {
        int header = (packet[0] & 0x0f) * 4;
        if (packet[9] != Tcp || packet.Length < header + SmallestHeader)
            return true;
        uint from = BinaryPrimitives.ReadUInt32BigEndian(packet[12..]), to = BinaryPrimitives.ReadUInt32BigEndian(packet[16..]);
        ushort fromPort = BinaryPrimitives.ReadUInt16BigEndian(packet[header..]), toPort = BinaryPrimitives.ReadUInt16BigEndian(packet[(header + 2)..]);
        Flow flow = up ? new Flow(from, to, fromPort, toPort) : new Flow(to, from, toPort, fromPort);
        // A port may come round again: a first SYN is a new connection whatever was there before.
        bool begins = (packet[header + 13] & SynAck) == Syn;
        lock (gate)
        {
            if (!begins && forgottenByFlow.TryGetValue(flow, out bool forgotten))
                return !forgotten;
            if (forgottenByFlow.Count >= MostFlows)
                DropPassing();
            forgottenByFlow[flow] = false;
            return true;
        }
    }

    private void DropPassing()
    {
        foreach (Flow flow in forgottenByFlow.Where(f => !f.Value).Select(f => f.Key).ToArray())
            _ = forgottenByFlow.Remove(flow);
    }
}
