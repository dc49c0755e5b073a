using System.Security.Claims;

namespace EdgeAgent.CommandCentre.ConsoleApi;

/// <summary>Who sits at the console and what they may do, for the page to show no more than that.</summary>
internal sealed record Me(string User, string Role, string District, IReadOnlyList<string> Permissions, string Restricted)
{
    public static Me Of(HttpContext context)
    {
        var may = Enum.GetValues<Permission>().Where(context.May).Select(ConsoleApi.Permissions.Word);
        return new Me(context.Account(), context.Role(), Visibility.DistrictOf(context), [.. may], context.User.FindFirstValue(PermissionHandler.RestrictedClaim) ?? "");
    }
}
